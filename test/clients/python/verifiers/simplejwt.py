import jwt
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken


class DojangAccessToken(AccessToken):
    def __init__(self, token=None, verify=True):
        try:
            type_ = jwt.get_unverified_header(token).get("typ")
        except jwt.PyJWTError as error:
            raise TokenError("not a JWT") from error
        if type_ != "at+jwt":
            raise TokenError("not an access token")
        super().__init__(token, verify)

package dojang;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.AuthorizationGrant;
import com.nimbusds.oauth2.sdk.RefreshTokenGrant;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.oauth2.sdk.token.RefreshToken;
import com.nimbusds.openid.connect.sdk.AuthenticationRequest;
import com.nimbusds.openid.connect.sdk.AuthenticationResponseParser;
import com.nimbusds.openid.connect.sdk.Nonce;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponse;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponseParser;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import com.nimbusds.openid.connect.sdk.validators.IDTokenValidator;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.util.Map;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The OAuth 2.0 SDK of Nimbus, as its documentation shows. */
@RestController
class NimbusClient {
  private final OIDCProviderMetadata issuer;
  private final ClientID id;
  private final ClientSecretBasic authentication;
  private final URI callback;
  private final CodeVerifier verifier = new CodeVerifier();
  private final State state = new State();
  private final Nonce nonce = new Nonce();
  private RefreshToken refreshToken;

  NimbusClient(
      @Value("${ISSUER_URL}") String issuer,
      @Value("${CLIENT_ID}") String id,
      @Value("${CLIENT_SECRET}") String secret,
      @Value("${BASE_URL}") String baseUrl)
      throws Exception {
    this.issuer = OIDCProviderMetadata.resolve(new Issuer(issuer));
    this.id = new ClientID(id);
    authentication = new ClientSecretBasic(this.id, new Secret(secret));
    callback = URI.create(baseUrl + "/clients/nimbus/callback");
  }

  @GetMapping("/clients/nimbus/login")
  ResponseEntity<Void> login() {
    URI address =
        new AuthenticationRequest.Builder(
                ResponseType.CODE, new Scope("openid", "profile", "email", "offline_access"), id, callback)
            .endpointURI(issuer.getAuthorizationEndpointURI())
            .state(state)
            .nonce(nonce)
            .codeChallenge(verifier, CodeChallengeMethod.S256)
            .build()
            .toURI();
    return ResponseEntity.status(302).location(address).build();
  }

  private OIDCTokenResponse tokens(AuthorizationGrant grant) throws Exception {
    TokenRequest request = new TokenRequest(issuer.getTokenEndpointURI(), authentication, grant);
    OIDCTokenResponse response =
        (OIDCTokenResponse) OIDCTokenResponseParser.parse(request.toHTTPRequest().send()).toSuccessResponse();
    refreshToken = response.getTokens().getRefreshToken();
    return response;
  }

  @GetMapping("/clients/nimbus/callback")
  Map<String, String> callback(HttpServletRequest request) throws Exception {
    URI address = URI.create(callback + "?" + request.getQueryString());
    var code = AuthenticationResponseParser.parse(address).toSuccessResponse().getAuthorizationCode();
    var tokens = tokens(new AuthorizationCodeGrant(code, callback, verifier)).getOIDCTokens();
    var validator = new IDTokenValidator(issuer.getIssuer(), id, JWSAlgorithm.RS256, issuer.getJWKSetURI().toURL());
    var claims = validator.validate(tokens.getIDToken(), nonce);
    return Map.of("sub", claims.getSubject().getValue(), "access_token", tokens.getAccessToken().getValue());
  }

  @GetMapping("/clients/nimbus/refresh")
  Map<String, String> refresh() throws Exception {
    var tokens = tokens(new RefreshTokenGrant(refreshToken)).getTokens();
    return Map.of("access_token", tokens.getAccessToken().getValue());
  }
}

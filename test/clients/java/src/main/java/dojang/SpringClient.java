package dojang;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Map;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.annotation.RegisteredOAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.authentication.OAuth2AuthenticationToken;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Spring Security's client, as its documentation shows. Its filters sign the user in before these routes. */
@RestController
class SpringClient {
  private final OAuth2AuthorizedClientRepository clients;

  SpringClient(OAuth2AuthorizedClientRepository clients) {
    this.clients = clients;
  }

  @GetMapping("/clients/spring/login")
  Map<String, String> me(
      @AuthenticationPrincipal OidcUser user, OAuth2AuthenticationToken session, HttpServletRequest request) {
    OAuth2AuthorizedClient client = clients.loadAuthorizedClient("dojang", session, request);
    return Map.of(
        "sub", user.getSubject(),
        "id_token", user.getIdToken().getTokenValue(),
        "access_token", client.getAccessToken().getTokenValue());
  }

  /** The annotation refreshes a token that expires within a minute. */
  @GetMapping("/clients/spring/refresh")
  Map<String, String> refresh(@RegisteredOAuth2AuthorizedClient("dojang") OAuth2AuthorizedClient client) {
    return Map.of("access_token", client.getAccessToken().getTokenValue());
  }
}

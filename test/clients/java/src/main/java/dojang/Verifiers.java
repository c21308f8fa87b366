package dojang;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.net.MalformedURLException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/** Spring Security checks the tokens of /verifiers/spring and /quick-starts/spring, and Nimbus the others. */
@RestController
class Verifiers {
  private final NimbusVerifier nimbus;
  private final DefaultJWTProcessor<SecurityContext> nimbusQuickStart = new DefaultJWTProcessor<>();

  Verifiers(@Value("${ISSUER_URL}") String issuer, @Value("${AUDIENCE}") String audience)
      throws MalformedURLException {
    nimbus = new NimbusVerifier(issuer, audience);
    var keys = JWKSourceBuilder.create(URI.create(issuer + "/.well-known/jwks.json").toURL()).build();
    nimbusQuickStart.setJWSKeySelector(new JWSVerificationKeySelector<>(JWSAlgorithm.RS256, keys));
  }

  interface Check {
    String subjectOf(String token) throws Exception;
  }

  private static ResponseEntity<Map<String, String>> answer(Check check, String header) {
    try {
      return ResponseEntity.ok(Map.of("sub", check.subjectOf(header.replace("Bearer ", ""))));
    } catch (Exception error) {
      return ResponseEntity.status(401).body(Map.of("error", error.toString()));
    }
  }

  @GetMapping({"/verifiers/spring", "/quick-starts/spring", "/quick-starts/spring-audiences"})
  Map<String, Object> spring(Authentication user) {
    List<String> authorities = user.getAuthorities().stream().map(GrantedAuthority::getAuthority).toList();
    return Map.of("sub", user.getName(), "authorities", authorities);
  }

  @GetMapping("/verifiers/nimbus")
  ResponseEntity<Map<String, String>> nimbus(@RequestHeader("Authorization") String header) {
    return answer(token -> nimbus.verify(token).getSubject(), header);
  }

  @GetMapping("/quick-starts/nimbus")
  ResponseEntity<Map<String, String>> nimbusQuickStart(@RequestHeader("Authorization") String header) {
    return answer(token -> nimbusQuickStart.process(token, null).getSubject(), header);
  }
}

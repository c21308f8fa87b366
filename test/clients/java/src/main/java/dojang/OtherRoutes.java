package dojang;

import java.util.Collection;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtDecoders;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.web.SecurityFilterChain;

/** The routes of this program that are not in ResourceServerConfiguration. */
@Configuration
class OtherRoutes {

  /** Spring Boot builds this decoder if only `issuer-uri` is set. */
  @Bean
  @Order(1)
  SecurityFilterChain quickStart(HttpSecurity http, @Value("${ISSUER_URL}") String issuer) throws Exception {
    JwtDecoder decoder = JwtDecoders.fromIssuerLocation(issuer);
    return http.securityMatcher("/quick-starts/spring")
        .authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
        .oauth2ResourceServer(server -> server.jwt(jwt -> jwt.decoder(decoder)))
        .build();
  }

  /** Spring Boot builds this decoder if `issuer-uri` and `audiences` are set. */
  @Bean
  @Order(2)
  SecurityFilterChain audiences(HttpSecurity http, @Value("${ISSUER_URL}") String issuer) throws Exception {
    NimbusJwtDecoder decoder = JwtDecoders.fromIssuerLocation(issuer);
    decoder.setJwtValidator(
        new DelegatingOAuth2TokenValidator<>(
            JwtValidators.createDefaultWithIssuer(issuer),
            new JwtClaimValidator<Collection<String>>(
                "aud", audience -> audience != null && audience.contains("https://legacy.example.com"))));
    return http.securityMatcher("/quick-starts/spring-audiences")
        .authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
        .oauth2ResourceServer(server -> server.jwt(jwt -> jwt.decoder(decoder)))
        .build();
  }

  @Bean
  @Order(3)
  SecurityFilterChain client(HttpSecurity http) throws Exception {
    return http.securityMatcher("/clients/spring/**", "/oauth2/**", "/login/**")
        .authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
        .oauth2Login(Customizer.withDefaults())
        .build();
  }

  @Bean
  @Order(4)
  SecurityFilterChain withoutSpring(HttpSecurity http) throws Exception {
    return http.securityMatcher("/", "/error", "/clients/nimbus/**", "/*/nimbus")
        .authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
        .build();
  }
}

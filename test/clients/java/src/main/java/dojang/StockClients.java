package dojang;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

@SpringBootApplication
public class StockClients {
  public static void main(String[] args) {
    SpringApplication.run(StockClients.class, args);
  }
}

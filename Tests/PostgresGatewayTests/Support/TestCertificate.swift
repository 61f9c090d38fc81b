//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOSSL

/// A certificate for `db.test.example`, `localhost` and 127.0.0.1, valid for a century and used nowhere else.
enum TestCertificate {
    static func server() throws -> TLSConfiguration {
        .makeServerConfiguration(
            certificateChain: [.certificate(try NIOSSLCertificate(bytes: Array(certificate.utf8), format: .pem))],
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem))
        )
    }

    static func client(protocols: [String] = ["postgresql"]) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates([
            try NIOSSLCertificate(bytes: Array(authority.utf8), format: .pem)
        ])
        configuration.applicationProtocols = protocols
        return configuration
    }

    static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBjTCCATOgAwIBAgIUXMp5/EUJP6VPC/67IkqN6JVnNWQwCgYIKoZIzj0EAwIw
        GzEZMBcGA1UEAwwQZ2F0ZXdheSB0ZXN0cyBDQTAgFw0yNjExMjEwNjMxMzZaGA8y
        MTI2MTAyODA2MzEzNlowGzEZMBcGA1UEAwwQZ2F0ZXdheSB0ZXN0cyBDQTBZMBMG
        ByqGSM49AgEGCCqGSM49AwEHA0IABHFUG5OtoNhRnT0A3Vrrc2uoJj+bxwTe7oOG
        L8l4qj45ugkqAJekZWIwPTiIang3QAGZy0XfE9EPHo/BXoil98SjUzBRMB0GA1Ud
        DgQWBBT9zkuU8J5oOgTBtBNxHeXej2GYmzAfBgNVHSMEGDAWgBT9zkuU8J5oOgTB
        tBNxHeXej2GYmzAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIAcX
        63VwKleqHC+7ByP35GN4r+tTWjHkjIkSmlfLqyQyAiEAvfh2DnWr33XSjI6sjH6N
        1BGEQesH8CUv6LonV60f9Lk=
        -----END CERTIFICATE-----
        """

    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBszCCAVmgAwIBAgIUL1zR0wcuhcjMgDc7hp6wMRdS4tUwCgYIKoZIzj0EAwIw
        GzEZMBcGA1UEAwwQZ2F0ZXdheSB0ZXN0cyBDQTAgFw0yNjExMjEwNjMxMzZaGA8y
        MTI2MTAyODA2MzEzNlowGjEYMBYGA1UEAwwPZGIudGVzdC5leGFtcGxlMFkwEwYH
        KoZIzj0CAQYIKoZIzj0DAQcDQgAEHR/50uqHFQhpMvJdzc/sdlL31EbnIIppUxtr
        cqjnBcRDJ4NiI5iPF1b5SFBA62fBYHiysUZBle8JF8j4KImoB6N6MHgwKwYDVR0R
        BCQwIoIPZGIudGVzdC5leGFtcGxlgglsb2NhbGhvc3SHBH8AAAEwCQYDVR0TBAIw
        ADAdBgNVHQ4EFgQUFRxGySONfEWtTDXfN0AkacDeOaMwHwYDVR0jBBgwFoAU/c5L
        lPCeaDoEwbQTcR3l3o9hmJswCgYIKoZIzj0EAwIDSAAwRQIgKDhekYmnH2c88dqv
        41iD5aDIG1eFobgrWE2COUuPskwCIQClhKXREVU4GFp/nrSfMnj+38uqYj2G3Fys
        KBrJM/DeEQ==
        -----END CERTIFICATE-----
        """

    static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg/gn521iZmCtgLKUU
        YQJ5h+7DcSmdvCTLtIoWlQtTOIChRANCAAQdH/nS6ocVCGky8l3Nz+x2UvfURucg
        imlTG2tyqOcFxEMng2IjmI8XVvlIUEDrZ8FgeLKxRkGV7wkXyPgoiagH
        -----END PRIVATE KEY-----
        """
}

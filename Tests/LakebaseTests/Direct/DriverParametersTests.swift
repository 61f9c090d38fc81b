//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Secrets
import Testing

@testable import Lakebase

@Suite("Parameters for other drivers, as text")
struct DriverParametersTests {
    private static let awkward = [
        "plain", "", " ", "a b", "'", "\\", "\\'", "it's", "a=b", "a&b=c", "100%", "%41", "@:/?#[]", "é€😀", "\"",
        "$HOME",
        "`x`", "tab\there", "line\nbreak", "a\\ b", "+", "~",
    ]

    private func parameters(
        host: String = "db.example.com", username: String = "ann", database: String = "app",
        applicationName: String? = nil, options: String? = nil, rootCertificate: String? = nil
    ) -> LakebaseCredentials.DriverParameters {
        var configuration = PQConnection.Configuration(
            host: host, port: 6432, username: username, database: database, tls: .verifyFull,
            rootCertificate: rootCertificate ?? "/ca.pem", applicationName: applicationName,
            connectTimeout: .milliseconds(7500))
        configuration.startupOptions = options
        return LakebaseCredentials.DriverParameters(configuration, password: { nil })
    }

    /// libpq's own parser reads both.
    @Test(arguments: [LakebaseCredentials.DriverParameters.Form.connectionString, .url], Self.awkward)
    func `libpq reads what was meant`(form: LakebaseCredentials.DriverParameters.Form, text: String) throws {
        // An empty name means something else to libpq, and cannot get here: connections refuse it.
        let name = text.isEmpty ? "x" : text
        let parameters = self.parameters(
            username: name, database: name, applicationName: text, options: "-c a.b=" + text,
            rootCertificate: "/" + text)
        let read = try PQConnection.Configuration(
            connectionString: try parameters.formatted(as: form, includingPassword: Secret("pw" + text)))
        #expect(read.host == "db.example.com" && read.port == 6432 && read.tls == .verifyFull)
        #expect(read.username == name && read.database == name && read.applicationName == text)
        #expect(read.startupOptions == "-c a.b=" + text && read.rootCertificate == "/" + text)
        #expect(read.password == Secret("pw" + text) && read.connectTimeout == .seconds(8))
    }

    @Test(
        arguments: [LakebaseCredentials.DriverParameters.Form.connectionString, .url],
        ["localhost", "10.0.0.1", "::1", "fe80::1", "/var/run/postgresql", "/tmp/a b/%"])
    func `libpq finds the host`(form: LakebaseCredentials.DriverParameters.Form, host: String) throws {
        let read = try PQConnection.Configuration(
            connectionString: Secret(self.parameters(host: host).formatted(as: form)))
        #expect(read.host == host && read.port == 6432 && read.password == nil)
    }

    @Test(arguments: [LakebaseCredentials.DriverParameters.Form.connectionString, .url])
    func `libpq finds the address beside the host's name`(form: LakebaseCredentials.DriverParameters.Form) throws {
        var parameters = self.parameters()
        parameters.hostAddress = "fe80::1"
        let read = try PQConnection.Configuration(connectionString: Secret(parameters.formatted(as: form)))
        #expect(read.host == "db.example.com" && read.hostAddress == "fe80::1")
        #expect(try parameters.formatted(as: .environmentFile).contains("PGHOSTADDR=fe80::1\n"))
        #expect(try parameters.formatted(as: .serviceFile(service: "s")).contains("hostaddr=fe80::1\n"))
    }

    @Test func `each form, as a person reads it`() throws {
        let parameters = self.parameters(applicationName: "my app", options: "-c search_path=a,b")
        #expect(
            try parameters.formatted(as: .connectionString)
                == "host=db.example.com port=6432 dbname=app user=ann sslmode=verify-full sslrootcert=/ca.pem application_name='my app' options='-c search_path=a,b' connect_timeout=8"
        )
        #expect(
            try parameters.formatted(as: .url)
                == "postgresql://ann@db.example.com:6432/app?sslmode=verify-full&sslrootcert=%2Fca.pem&application_name=my%20app&options=-c%20search_path%3Da%2Cb&connect_timeout=8"
        )
        #expect(
            try parameters.formatted(as: .environmentFile) == """
                PGHOST=db.example.com
                PGPORT=6432
                PGDATABASE=app
                PGUSER=ann
                PGSSLMODE=verify-full
                PGSSLROOTCERT=/ca.pem
                PGAPPNAME='my app'
                PGOPTIONS='-c search_path=a,b'
                PGCONNECT_TIMEOUT=8

                """)
        #expect(
            try parameters.formatted(as: .serviceFile(service: "orders")) == """
                [orders]
                host=db.example.com
                port=6432
                dbname=app
                user=ann
                sslmode=verify-full
                sslrootcert=/ca.pem
                application_name=my app
                options=-c search_path=a,b
                connect_timeout=8

                """)
    }

    @Test(arguments: [
        LakebaseCredentials.DriverParameters.Form.connectionString, .url, .environmentFile, .serviceFile(service: "s"),
    ])
    func `a password is written only when it is handed over, and comes back as a secret`(
        form: LakebaseCredentials.DriverParameters.Form
    ) throws {
        let parameters = self.parameters()
        #expect(!(try parameters.formatted(as: form)).lowercased().contains("password"))
        let text = try parameters.formatted(as: form, includingPassword: Secret("canary5c7e"))
        #expect(text.withUnsafeValue { $0.contains("canary5c7e") })
        #expect(!everythingPrintable(of: text).contains("canary5c7e"))
    }

    @Test(arguments: [
        (LakebaseCredentials.DriverParameters.Form.environmentFile, "a\nb"), (.environmentFile, "a\rb"),
        (.environmentFile, "a\0b"),
        (.serviceFile(service: "s"), "a\nb"), (.serviceFile(service: "s"), "a "), (.serviceFile(service: "s"), "a\t"),
        (.serviceFile(service: "s"), String(repeating: "x", count: 1013)), (.connectionString, "a\0b"), (.url, "a\0b"),
    ])
    func `what a form cannot hold is refused without being shown`(
        form: LakebaseCredentials.DriverParameters.Form, value: String
    ) {
        let value = "canary5c7e" + value
        let error = #expect(throws: LakebaseCredentials.DriverParametersError.self) {
            try self.parameters().formatted(as: form, includingPassword: Secret(value))
        }
        #expect(error?.parameter == "password")
        #expect(!everythingPrintable(of: error as Any).contains("canary5c7e"))
    }

    @Test func `the longest line of a service file`() throws {
        let fits = Secret(String(repeating: "x", count: 1021 - "password=".utf8.count))
        _ = try self.parameters().formatted(as: .serviceFile(service: "s"), includingPassword: fits)
    }

    @Test(arguments: ["", "a]b", "a\nb"]) func `a section has a name`(service: String) {
        #expect(throws: LakebaseCredentials.DriverParametersError.self) {
            try self.parameters().formatted(as: .serviceFile(service: service))
        }
    }
}

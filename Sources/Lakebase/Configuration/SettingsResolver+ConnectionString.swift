//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Secrets

/// Reads a connection string, which alone decides the server, the database and the user.
///
/// Other values that it leaves out are taken from the other settings, as libpq does.
extension SettingsResolver {
    mutating func connectionString(_ text: Secret) -> LakebaseConfiguration? {
        do {
            let (parsed, keywords) = try PQConnection.Configuration.reading(connectionString: text)
            guard parsed.hostAddress == nil else {
                self.report(
                    .databaseURL, "names a host and a hostaddr, of which only one can be used here",
                    "keep the one to connect to; with a hostaddr alone the certificate has to name the address")
                return nil
            }
            var configuration = LakebaseConfiguration(
                target: .postgres(host: parsed.host, password: parsed.password), port: parsed.port,
                database: parsed.database, username: parsed.username, tls: parsed.tls,
                rootCertificate: parsed.rootCertificate, applicationName: parsed.applicationName)
            configuration.startupOptions = parsed.startupOptions
            self.noteSources(of: keywords)
            if keywords.contains("connect_timeout") { self.stringConnectTimeout = parsed.connectTimeout }
            if !keywords.contains("password"), let password = self.text(.password, as: "password") {
                configuration.target = .postgres(host: parsed.host, password: Secret(password))
            }
            if !keywords.contains("sslmode") {
                let named = self.sslMode()
                configuration.tls = named ?? (LakebaseHost.isServiceName(parsed.host) ? .verifyFull : parsed.tls)
            }
            if !keywords.contains("sslrootcert") { configuration.rootCertificate = self.rootCertificate() }
            if !keywords.contains("application_name") {
                configuration.applicationName = self.text(.applicationName, as: "applicationName")
            }
            return configuration
        } catch {
            self.report(.databaseURL, "cannot be used", error.message)
            return nil
        }
    }

    private mutating func noteSources(of keywords: Set<String>) {
        let fields = [
            "host": "host", "hostaddr": "host", "port": "port", "dbname": "database", "user": "username",
            "password": "password", "sslmode": "tls", "sslrootcert": "rootCertificate",
            "application_name": "applicationName", "options": "startupOptions",
        ]
        for keyword in keywords {
            if let field = fields[keyword] { self.sources[field] = .connectionString(self.name(.databaseURL)) }
        }
        // libpq: the database defaults to the user's name.
        if !keywords.contains("dbname") { self.sources["database"] = .connectionString(self.name(.databaseURL)) }
    }
}

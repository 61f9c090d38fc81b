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
            // Not the user of the operating system, as with libpq: an application's database has a role of its own.
            guard keywords.contains("user") else {
                self.report(.databaseURL, "cannot be used", "the connection string names no user")
                return nil
            }
            var configuration = LakebaseConfiguration(
                target: .postgres(host: parsed.host, password: parsed.password), hostAddress: parsed.hostAddress,
                port: parsed.port,
                database: parsed.database, username: parsed.username, tls: parsed.tls,
                rootCertificate: parsed.rootCertificate, applicationName: parsed.applicationName)
            configuration.startupOptions = parsed.startupOptions
            configuration.additionalHosts = parsed.additionalHosts
            configuration.libpqParameters = parsed.libpqParameters
            configuration.keyPassphrase = parsed.keyPassphrase
            configuration.targetSession = parsed.targetSession
            configuration.loadBalancing = parsed.loadBalancing
            if !keywords.contains("target_session_attrs") { self.takeTargetSession(into: &configuration) }
            if !keywords.contains("load_balance_hosts") { self.takeLoadBalancing(into: &configuration) }
            self.noteSources(of: keywords)
            if keywords.contains("connect_timeout") { self.stringConnectTimeout = parsed.connectTimeout }
            if !keywords.contains("password"), let password = self.text(.password, as: "password") {
                configuration.target = .postgres(host: parsed.host, password: Secret(password))
            }
            if !keywords.contains("sslmode") {
                let named = self.sslMode()
                let isService = parsed.hosts.contains { LakebaseHost.isServiceName($0.name) }
                configuration.tls = named ?? (isService ? .verifyFull : parsed.tls)
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
            "host": "host", "hostaddr": keywords.contains("host") ? "hostAddress" : "host", "port": "port",
            "dbname": "database", "user": "username",
            "password": "password", "sslmode": "tls", "sslrootcert": "rootCertificate",
            "application_name": "applicationName", "options": "startupOptions",
            "target_session_attrs": "targetSession", "load_balance_hosts": "loadBalancing",
            "sslpassword": "keyPassphrase",
        ]
        for field in ["additionalHosts", "libpqParameters"] {
            self.sources[field] = .connectionString(self.name(.databaseURL))
        }
        for keyword in keywords {
            if let field = fields[keyword] { self.sources[field] = .connectionString(self.name(.databaseURL)) }
        }
        // libpq: the database defaults to the user's name.
        if !keywords.contains("dbname") { self.sources["database"] = .connectionString(self.name(.databaseURL)) }
    }
}

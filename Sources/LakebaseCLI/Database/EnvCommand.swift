//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Databricks
import ExactText
import Foundation
import Lakebase
import Secrets

/// `lakebase env`.
struct EnvCommand: AsyncParsableCommand {
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case dotenv, shell, url, service, json
    }

    static let configuration = CommandConfiguration(
        commandName: "env",
        abstract: "Print connection settings for another program, without secrets unless requested.",
        discussion: """
            Finds out what the configuration leaves open, such as the host of an endpoint and the user of a token, \
            and prints it. Does not log in to the database and wakes no compute.

            FORMATS
              dotenv   PGHOST=… and so on, with DATABRICKS_HOST and LAKEBASE_ENDPOINT or LAKEBASE_INSTANCE, from \
            which a program with this library mints its own tokens; for lakebase dev with PGSSLMODE=require, as apps \
            have it, and NODE_EXTRA_CA_CERTS; with --https also SSL_CERT_FILE, REQUESTS_CA_BUNDLE and \
            CURL_CA_BUNDLE, where they are set here
              shell    the same as export statements, for eval
              url      postgresql://…
              service  an entry of libpq's pg_service.conf
              json     one object with libpq's keywords

            With --with-token the output contains a password: a token that expires within the hour, as a note on \
            standard error says. Do not give it to a program that runs longer. Send it to a file that only you can \
            read, never to the command line of a program: every user of the machine can see that.

            EXAMPLES
              lakebase env > .env
              eval "$(lakebase env --format shell)"
              lakebase env --format service --service notes >> ~/.pg_service.conf
              (umask 077; lakebase env --format dotenv --with-token > session.env)

            Exit status: 0; 1 if the workspace cannot be reached or the format cannot represent a value; 64 when the \
            command line is wrong, or standard output is a terminal and --with-token was given without --show.
            """
    )

    @OptionGroup var connection: ConnectionOptions

    @Option(help: "The output format: dotenv, shell, url, service or json.")
    var format: Format = .dotenv

    @Option(help: ArgumentHelp("The name of the entry in the service file.", valueName: "name"))
    var service = "lakebase"

    @Flag(help: "Include a password: a newly minted token, or the configured password.")
    var withToken = false

    @Flag(help: "Print the token even if standard output is a terminal.")
    var show = false

    func run() async throws {
        if self.withToken { try SecretOutput.check(show: self.show) }
        try await self.connection.database.withConfiguration { configuration in
            let credentials = try LakebaseCredentials(configuration: configuration, logger: WorkspaceOptions.logger)
            let parameters = try await credentials.driverParameters()
            var credential: LakebaseCredentials.Credential?
            if self.withToken {
                credential = try await credentials.current()
                SecretOutput.tellEnd(credential)
            }
            let text = ConnectionText(
                parameters: parameters, credential: credential, extras: Self.extras(configuration),
                service: self.service)
            try Terminal.deliver(text.written(self.format).withUnsafeValue { $0 })
        }
    }

    /// The variables that a program needs to mint tokens itself.
    private static func extras(_ configuration: LakebaseConfiguration) -> [(name: String, value: String)] {
        var extras: [(name: String, value: String)] = []
        if let host = configuration.workspace?.host.value { extras.append(("DATABRICKS_HOST", host)) }
        switch configuration.target {
        case .autoscaling(let endpoint?, _): extras.append(("LAKEBASE_ENDPOINT", endpoint))
        case .provisioned(let instance?, _): extras.append(("LAKEBASE_INSTANCE", instance))
        case .autoscaling(nil, _), .provisioned(nil, _), .postgres: break
        }
        return extras
    }
}

/// Connection settings in the formats of ``EnvCommand``.
struct ConnectionText {
    var parameters: LakebaseCredentials.DriverParameters
    var credential: LakebaseCredentials.Credential?
    var extras: [(name: String, value: String)]
    var service: String

    /// The text without the final line feed.
    func written(_ format: EnvCommand.Format) throws -> Secret {
        let text =
            switch format {
            case .dotenv: try self.lines()
            case .shell: try self.lines(prefix: "export ")
            case .url: try self.text(.url)
            case .service: try self.text(.serviceFile(service: self.service))
            case .json: try self.json()
            }
        return Secret(text.hasSuffix("\n") ? String(text.dropLast()) : text)
    }

    private func text(_ form: LakebaseCredentials.DriverParameters.Form) throws -> String {
        guard let password = self.credential?.password else { return try self.parameters.formatted(as: form) }
        return try self.parameters.formatted(as: form, includingPassword: password).withUnsafeValue { $0 }
    }

    private func lines(prefix: String = "") throws -> String {
        let (platform, more) = self.asOnThePlatform()
        let extras = (self.extras + more).map { "\($0.name)=\(EnvironmentFile.quoted($0.value))\n" }.joined()
        let lines = (extras + (try platform.text(.environmentFile))).splitExactly(at: "\n")
        return lines.map { "\(prefix)\($0)\n" }.joined()
    }

    /// The settings with the TLS mode `require` for a database on this machine, as on the platform.
    ///
    /// Programs in some languages accept no other mode in the variables. The certificates are added, because libpq verifies the
    /// server if there is a root certificate. For any other host the name is verified as well, since the password is a token.
    private func asOnThePlatform() -> (ConnectionText, [(name: String, value: String)]) {
        guard let file = self.parameters.rootCertificate, Self.isThisMachine(self.parameters.host) else {
            return (self, [])
        }
        var changed = self
        switch self.parameters.tls {
        case .verifyCA, .verifyFull: changed.parameters.tls = .require
        case .disable, .allow, .prefer, .require: break
        }
        func here(_ name: String) -> String? {
            ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        var certificates = [("NODE_EXTRA_CA_CERTS", here("NODE_EXTRA_CA_CERTS") ?? file)]
        // An https address of this machine is one of lakebase dev --https, which nobody trusts without them.
        if self.extras.contains(where: { $0.name == "DATABRICKS_HOST" && $0.value.startsExactly(with: "https://") }) {
            certificates += ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"].compactMap { name in
                here(name).map { (name, $0) }
            }
        }
        return (changed, certificates)
    }

    /// Whether a host is a loopback address, as those of `lakebase dev` are.
    static func isThisMachine(_ host: String) -> Bool {
        if host.isExactly("localhost") || host.isExactly("::1") { return true }
        let parts = host.splitExactly(at: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0].isExactly("127") && parts.allSatisfy { UInt8($0) != nil }
    }

    private func json() throws -> String {
        var object: [String: String] = [:]
        for (keyword, value) in self.parameters.keywords { object[keyword] = value }
        for (name, value) in self.extras { object[name.lowercased()] = value }
        if let credential {
            object["password"] = credential.password?.withUnsafeValue { $0 }
            object["password_expires_at"] = credential.expiresAt.map { RFC3339.string(from: $0) }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(object), as: UTF8.self)
    }
}

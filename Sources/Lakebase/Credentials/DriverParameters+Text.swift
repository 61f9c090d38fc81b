//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Secrets

extension LakebaseCredentials.DriverParameters {
    /// A text format for connection parameters.
    public enum Form: Sendable, Hashable {
        /// libpq's `keyword=value` pairs.
        case connectionString
        /// A `postgresql://` URL.
        case url
        /// Lines of an `.env` file or a shell: `PGHOST=…`.
        ///
        /// Values are quoted only where a shell needs it. Readers of `.env` files differ about quotes, so keep to plain
        /// values where another program than a shell reads the file.
        case environmentFile
        /// A section of libpq's `pg_service.conf`, of that name.
        case serviceFile(service: String)
    }

    /// The parameters without a password.
    ///
    /// - Throws: ``LakebaseCredentials/DriverParametersError`` when a value cannot be written in that form.
    public func formatted(as form: Form) throws(LakebaseCredentials.DriverParametersError) -> String {
        try self.written(form, password: nil)
    }

    /// The parameters with a password in clear text, for a file or a program that needs it.
    ///
    /// A minted password expires after an hour at most, and this text with it. The file should be readable by its owner
    /// only. Never put it into an argument list, which every user of the machine can see.
    ///
    /// - Parameters:
    ///   - form: The format.
    ///   - password: The value that ``password`` returned.
    /// - Returns: A secret, so that it is not printed by accident.
    /// - Throws: ``LakebaseCredentials/DriverParametersError`` when a value cannot be written in that form. A service
    ///   file has lines of at most 1,021 bytes, which a token may exceed.
    public func formatted(as form: Form, includingPassword password: Secret) throws(LakebaseCredentials
        .DriverParametersError) -> Secret
    {
        Secret(
            try password.withUnsafeValue { (value) throws(LakebaseCredentials.DriverParametersError) in
                try self.written(form, password: value)
            })
    }

    private func written(_ form: Form, password: String?) throws(LakebaseCredentials.DriverParametersError) -> String {
        var keywords = self.keywords
        if let password { keywords.append(("password", password)) }
        for (keyword, value) in keywords where value.utf8.contains(0) {
            throw LakebaseCredentials.DriverParametersError(parameter: keyword, reason: "contains a NUL character")
        }
        switch form {
        case .connectionString:
            return keywords.map { "\($0.keyword)=\(ParameterText.quoted($0.value))" }.joined(separator: " ")
        case .url: return self.url(keywords)
        case .environmentFile:
            let lines = try keywords.map { (keyword, value) throws(LakebaseCredentials.DriverParametersError) in
                try ParameterText.variableLine(keyword, value)
            }
            return lines.joined()
        case .serviceFile(let service):
            var lines = [try ParameterText.serviceHeader(service)]
            for (keyword, value) in keywords { lines.append(try ParameterText.serviceLine(keyword, value)) }
            return lines.joined()
        }
    }

    private func url(_ keywords: [(keyword: String, value: String)]) -> String {
        var text = "postgresql://\(ParameterText.percentEncoded(self.username))"
        let place = ["host", "port", "dbname", "user", "password"]
        for (keyword, value) in keywords where keyword == "password" {
            text += ":\(ParameterText.percentEncoded(value))"
        }
        let servers = self.servers.map { server in
            // An IPv6 address has colons, which would begin a port.
            let isBracketed = server.name.contains(":") && !server.name.hasPrefix("/")
            return (isBracketed ? "[\(server.name)]" : ParameterText.percentEncoded(server.name)) + ":\(server.port)"
        }
        text += "@\(servers.joined(separator: ","))/\(ParameterText.percentEncoded(self.database))"
        let rest = keywords.filter { !place.contains($0.keyword) }
            .map { "\($0.keyword)=\(ParameterText.percentEncoded($0.value))" }
        return text + "?" + rest.joined(separator: "&")
    }
}

extension LakebaseCredentials {
    /// A parameter that cannot be written in the form that was asked for.
    public struct DriverParametersError: Error, Sendable, Hashable, CustomStringConvertible {
        /// libpq's keyword.
        public var parameter: String
        /// Why not; never the value.
        public var reason: String

        /// An error from its parts.
        public init(parameter: String, reason: String) {
            self.parameter = parameter
            self.reason = reason
        }

        /// One line.
        public var description: String { "the parameter \(self.parameter) cannot be written: it \(self.reason)" }
    }
}

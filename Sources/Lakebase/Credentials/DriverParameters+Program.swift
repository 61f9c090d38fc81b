//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
package import Secrets

extension LakebaseCredentials.DriverParameters {
    /// The variables with which libpq finds the server, without the password.
    package var variables: [(name: String, value: String)] {
        self.keywords.compactMap { keyword, value in
            ParameterText.variables[keyword].map { (name: $0, value: value) }
        }
    }

    /// The text of a password file of libpq for this host, port and role, and any database.
    ///
    /// libpq uses a line for the host it names only, so the password goes to no other. Before version 14 it reads no more
    /// than 320 bytes of a line, which a token exceeds.
    ///
    /// - Throws: ``LakebaseCredentials/DriverParametersError`` for a value with a line break, which the file cannot hold.
    package func passwordFile(_ password: Secret) throws(LakebaseCredentials.DriverParametersError) -> Secret {
        // The name that libpq looks for where the host is the folder of its usual socket.
        let hosts = self.host.hasPrefix("/") ? [self.host, "localhost"] : [self.host]
        let text = try password.withUnsafeValue { (password) throws(LakebaseCredentials.DriverParametersError) in
            let values = [("host", self.host), ("user", self.username), ("password", password)]
            for (keyword, value) in values
            where value.unicodeScalars.contains(where: { "\n\r\0".unicodeScalars.contains($0) }) {
                throw LakebaseCredentials.DriverParametersError(
                    parameter: keyword, reason: "contains a line break or NUL, which no password file can hold")
            }
            return hosts.map { host in
                [host, String(self.port), "*", self.username, password]
                    .enumerated().map { $0.offset == 2 ? $0.element : Self.escaped($0.element) }
                    .joined(separator: ":") + "\n"
            }.joined()
        }
        return Secret(text)
    }

    private static func escaped(_ value: String) -> String {
        value.replacingExactly("\\", with: "\\\\").replacingExactly(":", with: "\\:")
    }
}

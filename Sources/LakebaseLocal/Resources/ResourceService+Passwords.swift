//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import LocalWorkspace
import Secrets

extension ResourceService {
    /// A role's password: the existing one, or a new one.
    func makePassword(ofRole name: String) throws -> Secret {
        if let known = try self.parts.store.password(ofRole: name) { return known }
        let password = RandomText.make(prefix: "", hexDigits: 32)
        try self.parts.store.keep(password, ofRole: name)
        return password
    }
}

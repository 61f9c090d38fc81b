//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Digests

/// The id that a role's resource gets in the Postgres API.
///
/// It is not the role's name in PostgreSQL: it begins with a letter and has lower-case letters, digits and hyphens only (pattern
/// `^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`, documented as 4 to 63 characters), which neither an e-mail address nor most UUIDs are. It is made from the name
/// alone, so that the same role has the same id on every branch.
enum RoleResourceID {
    static func make(_ role: WantedRole) -> String {
        let prefix =
            switch role.identity {
            case .user: "user"
            case .servicePrincipal: "sp"
            case .group: "group"
            }
        // No two application ids become one; other names might, so these have a digest behind them.
        if role.identity == .servicePrincipal { return "\(prefix)-\(role.name)" }
        var slug = ""
        for scalar in role.name.lowercased().unicodeScalars {
            let keeps = ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar)
            if keeps { slug.unicodeScalars.append(scalar) } else if !slug.isEmpty, !slug.hasSuffix("-") { slug += "-" }
        }
        let digest = SHA256Hash(ofText: role.name).hex(bytes: 4)
        let parts = [prefix, slug.prefix(40).split(separator: "-").joined(separator: "-"), digest]
        return parts.filter { !$0.isEmpty }.joined(separator: "-")
    }
}

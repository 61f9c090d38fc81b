//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Databricks

extension LakebaseConfiguration {
    /// Options of the request that mints a database credential.
    ///
    /// Nothing by default: a credential of an hour with all the rights of the identity. These are fields of the request
    /// `POST /api/2.0/postgres/credentials`. A provisioned instance takes ``claims`` only.
    public struct CredentialOptions: Sendable, Hashable {
        /// What a credential is limited to: permissions on resources of the database.
        public typealias RequestedClaims = Databricks.RequestedClaims

        /// How long a credential lives, 5 minutes to an hour.
        ///
        /// Nil for what the service gives, an hour.
        public var ttl: Duration?
        /// What it is restricted to; nothing when empty.
        public var claims: [RequestedClaims]
        /// The group in whose role to log in.
        ///
        /// It is also the user name of the login, unless ``LakebaseConfiguration/username`` is set. A client of Databricks sends
        /// this field; no reference describes it.
        public var group: String?

        /// Creates options; each of them is optional.
        public init(ttl: Duration? = nil, claims: [RequestedClaims] = [], group: String? = nil) {
            self.ttl = ttl
            self.claims = claims
            self.group = group
        }

        /// Every problem of the values with a target; empty when there is none.
        func problems(for target: LakebaseConfiguration.Target) -> [LakebaseConfigurationError.Problem] {
            var problems: [LakebaseConfigurationError.Problem] = []
            func report(_ name: String, _ message: String, _ remedy: String) {
                problems.append(.init(setting: "credential.\(name)", message: message, remedy: remedy))
            }
            let isSet = [("ttl", self.ttl != nil), ("claims", !self.claims.isEmpty), ("group", self.group != nil)]
            switch target {
            case .autoscaling: break
            case .provisioned:
                for (name, isSet) in isSet where isSet && name != "claims" {
                    report(
                        name, "is set, while a provisioned instance has no such field in its credentials",
                        "unset it, or use an endpoint of a project")
                }
            case .postgres:
                for (name, isSet) in isSet where isSet {
                    report(name, "is set, while the password is not a minted credential", "unset it")
                }
            }
            if let ttl = self.ttl, !(.seconds(300) ... .seconds(3600)).contains(ttl) {
                report("ttl", "is \(DurationText.text(ttl))", "use 5m to 1h")
            }
            if self.group?.isEmpty == true { report("group", "is empty", "name a group or leave it out") }
            return problems
        }
    }
}

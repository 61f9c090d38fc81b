//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import StrictYAML

extension DeploymentEnvironment {
    /// How long the branch of a personal copy lives when nobody says otherwise.
    public static let personalTTL: Duration = .seconds(7 * 86400)

    /// The rule for the name of a personal copy.
    public static let personalName = YAMLTextRule(
        "the name of a personal copy", pattern: "[a-z]([a-z0-9-]*[a-z0-9])?",
        words: "lowercase letters, digits and hyphens, a letter first and no hyphen last", length: 1...20)

    /// A copy of this environment for one person, beside it: an app of its own, with data of its own.
    ///
    /// The app is called `APP-PERSON`. On Lakebase Autoscaling the data is a branch `BRANCH-PERSON` made from this environment's branch,
    /// with everything in it; on Lakebase Provisioned, which has no branches, a database `DATABASE_PERSON` on the same instance, which
    /// begins empty. Everything else, also the schema and the permissions, is as in this environment.
    ///
    /// - Parameters:
    ///   - person: Who: 1 to 20 lowercase letters, digits and hyphens, a letter first.
    ///   - ttl: How long the branch lives, at most 30 days.
    /// - Throws: If the name is against the rule, or makes another name too long.
    public func personal(_ person: String, ttl: Duration = Self.personalTTL) throws(DeploymentError) -> Self {
        if let mistake = Self.personalName.mistake(in: person) { throw DeploymentError(mistake) }
        guard ttl > .zero, ttl <= DeploymentLakebase.BranchOrigin.maximumTTL else {
            throw DeploymentError("a branch lives for at most 30 days; give a shorter time")
        }
        var copy = self
        copy.person = person
        copy.app.name = try Self.checked("\(self.app.name)-\(person)", DeploymentShape.appName)
        switch self.lakebase.target {
        case .autoscaling(var target):
            target.origin = DeploymentLakebase.BranchOrigin(branch: target.branch, ttl: ttl)
            target.branch = try Self.checked("\(target.branch)-\(person)", DeploymentShape.branchID)
            copy.lakebase.target = .autoscaling(target)
        case .provisioned:
            let suffix = String(person.map { $0 == "-" ? "_" : $0 })
            copy.lakebase.database = try Self.checked(
                "\(self.lakebase.database)_\(suffix)", DeploymentShape.databaseName)
        }
        return copy
    }

    private static func checked(_ name: String, _ rule: YAMLTextRule) throws(DeploymentError) -> String {
        if let mistake = rule.mistake(in: name) ?? DeploymentShape.mistake(inRoleOrObject: name, rule.what) {
            throw DeploymentError("\(mistake); choose a shorter name for the personal copy")
        }
        return name
    }
}

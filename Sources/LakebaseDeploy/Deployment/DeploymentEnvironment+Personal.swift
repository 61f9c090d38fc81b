//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import StrictYAML

extension DeploymentEnvironment {
    /// How long the branch of a personal copy exists by default.
    public static let personalTTL: Duration = .seconds(7 * 86400)

    /// The rule for the name of a personal copy.
    public static let personalName = YAMLTextRule(
        "the name of a personal copy", pattern: "[a-z]([a-z0-9-]*[a-z0-9])?",
        words: "lowercase letters, digits and hyphens, a letter first and no hyphen last", length: 1...20)

    /// Returns a copy of this environment for one person, with its own app and its own data.
    ///
    /// The app is called `APP-PERSON`. On Lakebase Autoscaling the data is a branch `BRANCH-PERSON`, created from this environment's branch
    /// with all its data; on Lakebase Provisioned, which has no branches, it is a database `DATABASE_PERSON` on the same instance, which
    /// is empty at first. Everything else, also the schema and the permissions, is that of this environment.
    ///
    /// - Parameters:
    ///   - person: The name of the person: 1 to 20 lowercase letters, digits and hyphens, a letter first.
    ///   - ttl: How long the branch exists, at most 30 days.
    /// - Throws: ``DeploymentError`` if the name breaks the rule, or makes another name too long.
    public func personal(_ person: String, ttl: Duration = Self.personalTTL) throws(DeploymentError) -> Self {
        if let mistake = Self.personalName.mistake(in: person) {
            throw DeploymentError(mistake, remedy: "choose another name for the personal copy")
        }
        guard ttl > .zero, ttl <= DeploymentLakebase.BranchOrigin.maximumTTL else {
            throw DeploymentError("a branch can exist for at most 30 days", remedy: "give a shorter time")
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
            throw DeploymentError(mistake, remedy: "choose a shorter name for the personal copy")
        }
        return name
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Lakebase

/// The options that choose the endpoint, branch or instance; every command that connects has them.
struct PlaceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The endpoint: projects/…/branches/…/endpoints/….", valueName: "name"))
    var endpoint: String?

    @Option(
        help: ArgumentHelp(
            "The branch, by its id in the project or as projects/…/branches/…; its read-write endpoint is used.",
            valueName: "name"), completion: BranchCompletion.kind)
    var branch: String?

    @Option(help: ArgumentHelp("The provisioned instance.", valueName: "name"))
    var instance: String?

    @Option(help: ProjectOption.help)
    var project: String?

    @Option(help: ArgumentHelp("The database in PostgreSQL.", valueName: "name"))
    var database: String?

    @Option(
        help: ArgumentHelp("The role to log in as; default: the identity that owns the token.", valueName: "role"))
    var user: String?

    func validate() throws {
        try OptionCheck.atMostOne(
            ["--endpoint": self.endpoint != nil, "--branch": self.branch != nil, "--instance": self.instance != nil],
            "name two databases; use one of them")
        try OptionCheck.values([
            "--endpoint": self.endpoint, "--branch": self.branch, "--instance": self.instance,
            "--project": self.project, "--database": self.database, "--user": self.user,
        ])
        if self.project != nil {
            guard let branch else {
                throw ValidationError(
                    "--project says which project --branch is in; add --branch, or leave --project out")
            }
            guard !branch.contains("/") else {
                throw ValidationError(
                    "--branch \(branch) names its project already; leave --project out, or give the branch by its id")
            }
        }
    }

    /// The options for the library.
    var choice: ConnectionOverrides {
        var choice = ConnectionOverrides()
        choice.place =
            self.endpoint.map { .endpoint($0) } ?? self.branch.map { .branch($0) }
            ?? self.instance.map { .instance($0) }
        choice.project = self.project
        choice.database = self.database
        choice.user = self.user
        return choice
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Lakebase

/// The option that names the project in which branches are looked up.
struct ProjectOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The project of the branch, by its id or as projects/…; default: the project of the environment's endpoint.",
            valueName: "name"))
    var project: String?

    func validate() throws { try OptionCheck.values(["--project": self.project]) }

    /// The full name of the project; that of the environment's endpoint where none is given.
    func fullName(in environment: [String: String]) -> String? {
        self.project.map(ConnectionOverrides.projectName) ?? ConnectionOverrides.project(in: environment)
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Lakebase

/// The option that names the project in which branches are looked up.
enum ProjectOption {
    static let help = ArgumentHelp(
        "The project of the branch, by its id or as projects/…; default: the project of the environment's endpoint.",
        valueName: "name")

    /// The full name of the project that the option names; that of the environment's endpoint where none is given.
    static func fullName(_ project: String?, in environment: [String: String]) -> String? {
        project.map(ConnectionOverrides.projectName) ?? ConnectionOverrides.project(in: environment)
    }
}

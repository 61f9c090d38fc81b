//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Databricks
import ExactText
import Foundation

/// Completes the name of a profile.
enum ProfileCompletion {
    static let kind = CompletionKind.custom { _, _, prefix in
        let environment = ProcessInfo.processInfo.environment
        let path = environment["DATABRICKS_CONFIG_FILE"] ?? (environment["HOME"].map { $0 + "/.databrickscfg" } ?? "")
        guard let text = try? WorkspaceConfiguration.contents(ofFile: path) else { return [] }
        return WorkspaceConfiguration.profileNames(in: text).filter { $0.startsExactly(with: prefix) }
    }
}

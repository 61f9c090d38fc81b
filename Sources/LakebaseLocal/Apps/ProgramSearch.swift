//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets

/// Looks programs up as a shell does.
enum ProgramSearch {
    /// The first of these names that is found in the folders of a path; each name is looked up in all folders before
    /// the next.
    static func find(_ names: [String], path: String?) -> String? {
        let folders = (path ?? "/usr/bin:/bin").split(separator: ":").map(String.init)
        for name in names {
            for folder in folders {
                let file = "\(folder)/\(name)"
                if access(file, X_OK) == 0, !PrivateFile.isDirectory(file) { return file }
            }
        }
        return nil
    }
}

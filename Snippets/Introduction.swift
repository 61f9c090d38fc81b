//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// The example of README.md. Runs on a local Lakebase: lakebase dev -- .build/debug/Introduction

// snippet.query
import Lakebase
import Logging

let lakebase = try LakebaseClient(configuration: .fromEnvironment(), logger: Logger(label: "app"))
try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { await lakebase.run() }
    try await lakebase.query("CREATE TABLE IF NOT EXISTS notes (author text, title text)")
    try await lakebase.query("INSERT INTO notes VALUES (\("Ada"), \("On engines"))")
    print(try await lakebase.query("SELECT author, title FROM notes").decode((String, String).self))
    group.cancelAll()
}
// snippet.end

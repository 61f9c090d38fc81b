//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A failure that the command itself detects, with its exit status.
struct CommandError: Error, CustomStringConvertible {
    /// What failed, why, and what to do about it.
    var description: String
    /// The exit status; 64 where the command line is wrong.
    var status: Int32

    init(_ description: String, status: Int32 = 1) {
        self.description = description
        self.status = status
    }
}

/// An error with notes that are printed below it, such as how the database was found.
struct AnnotatedError: Error {
    var underlying: any Error
    var notes: [String]
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// An error that people read: what happened, what to do about it, and a name to search for.
///
/// The errors of the client, of migrations, grants and roles, and of deployments all have this shape, so that one function prints them.
package protocol ExplainedError: Error, CustomStringConvertible {
    /// The stable name of the kind of failure: an entry of the catalogue, such as `LB301`, or area and code, such as `migration.edited`.
    var id: String { get }
    /// What happened and why, without its full stop and without secrets.
    var message: String { get }
    /// The message with the place that it is about, where there is one: `FILE:LINE: message`.
    var headline: String { get }
    /// More about this case, a line each: the statement that was refused, the objects that are missing, the end of a log.
    var details: [String] { get }
    /// What to do about it.
    var remedy: String? { get }
    /// The command or statement that shows more or mends it: of a shell, or SQL if it ends with a semicolon.
    ///
    /// Words in capitals are placeholders.
    var command: String? { get }
}

extension ExplainedError {
    package var headline: String { self.message }
    package var details: [String] { [] }
    package var command: String? { nil }

    /// The whole error, a line each: headline with the id, the details indented, the remedy, and the command.
    package var explanationLines: [String] {
        ["\(self.headline) [\(self.id)]"] + self.details.map { "    \($0)" }
            + [self.remedy.map { "remedy: \($0)" }, self.command.map { "run: \($0)" }].compactMap { $0 }
    }

    /// The whole error as one text of several lines.
    package var explanation: String { self.explanationLines.joined(separator: "\n") }
}

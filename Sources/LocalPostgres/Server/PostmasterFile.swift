//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Foundation

/// The contents of a running server's `postmaster.pid`.
struct PostmasterFile: Equatable, Sendable {
    var processID: pid_t
    /// The start time as the server wrote it; distinguishes two runs with the same process id.
    var started: String
    /// Whether it accepts sessions.
    var isReady: Bool

    /// Reads the file of a data folder; `nil` if there is none or it is not complete yet.
    static func read(dataFolder: String) -> PostmasterFile? {
        guard let data = FileManager.default.contents(atPath: dataFolder + "/postmaster.pid") else { return nil }
        return Self.parse(String(decoding: data, as: UTF8.self))
    }

    /// Reads the file's text: process id, folder, start, port, sockets, address, shared memory, status; a line each.
    static func parse(_ text: String) -> PostmasterFile? {
        let lines = text.splitExactly(at: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 3, let processID = pid_t(lines[0].trimmingCharacters(in: .whitespaces)), processID > 1
        else { return nil }
        let status = lines.count >= 8 ? lines[7].trimmingCharacters(in: .whitespaces) : ""
        return PostmasterFile(processID: processID, started: String(lines[2]), isReady: status.isExactly("ready"))
    }

    /// Whether the process still runs and is a server on this folder, not another process with the same number.
    func isAlive(dataFolder: String) -> Bool {
        guard kill(self.processID, 0) == 0 || errno == EPERM else { return false }
        #if os(Linux)
        // A server works in its data folder.
        guard let folder = realpath("/proc/\(self.processID)/cwd", nil) else { return false }
        defer { free(folder) }
        return String(cString: folder).isExactly(dataFolder)
        #else
        return true
        #endif
    }
}

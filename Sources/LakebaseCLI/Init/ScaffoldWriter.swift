//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

/// Writes the files of a new app into a folder without overwriting any file.
struct ScaffoldWriter {
    /// What was written.
    struct Report: Equatable {
        /// The paths of the files that were written.
        var made: [String] = []
        /// The paths of the files that existed and were not changed.
        var kept: [String] = []
    }

    let folder: String

    /// Writes the files.
    ///
    /// - Parameter addsToOthers: Whether the folder may contain files; they are not changed.
    func write(_ files: [Scaffold.File], addsToOthers: Bool) throws -> Report {
        let manager = FileManager.default
        var isFolder: ObjCBool = false
        if manager.fileExists(atPath: self.folder, isDirectory: &isFolder) {
            guard isFolder.boolValue else {
                throw CommandError("\(self.folder) is a file; name a folder that is empty or not there")
            }
            let names = try self.doing("read", self.folder) { try manager.contentsOfDirectory(atPath: self.folder) }
            // A repository without files counts as an empty folder.
            guard addsToOthers || names.allSatisfy({ $0 == ".git" }) else {
                throw CommandError(
                    "\(self.folder) is not empty; name another folder, or add what is missing with --force, "
                        + "which changes no file")
            }
        }
        var report = Report()
        for file in files {
            let path = self.folder + "/" + file.path
            let parent = (path as NSString).deletingLastPathComponent
            try self.doing("make", parent) {
                try manager.createDirectory(atPath: parent, withIntermediateDirectories: true)
            }
            do {
                try Data(file.text.utf8).write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
                report.made.append(file.path)
            } catch let error as CocoaError where error.code == .fileWriteFileExists {
                report.kept.append(file.path)
            } catch {
                throw Self.failure("write", path, error, made: report.made)
            }
        }
        return report
    }

    private func doing<Result>(_ verb: String, _ path: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            throw Self.failure(verb, path, error, made: [])
        }
    }

    private static func failure(_ verb: String, _ path: String, _ error: any Error, made: [String]) -> CommandError {
        let cause = ((error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError).map { $0 as any Error } ?? error
        let words =
            (cause as? POSIXError).map { String(cString: strerror($0.code.rawValue)) } ?? cause.localizedDescription
        let rest = made.isEmpty ? "" : "; made before: \(made.joined(separator: ", "))"
        return CommandError("cannot \(verb) \(path): \(words)\(rest)")
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A folder of migrations: `NUMBER_name.sql`, and beside it, when it can be undone, `NUMBER_name.down.sql`.
public struct MigrationFolder: Sendable {
    /// The folder.
    public let path: String

    /// The folder at a path.
    public init(path: String) { self.path = path }

    /// The migrations in it, in the order of their numbers.
    ///
    /// - Throws: ``MigrationError`` for a folder that cannot be read, a name that does not fit, a number that two files have, a way back without
    ///   its migration, and for texts that cannot be used.
    public func migrations() throws(MigrationError) -> [Migration] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: self.path)
        } catch {
            throw MigrationError(.invalid, "the folder cannot be read: make it, or name another one", file: self.path)
        }
        var files: [Int64: (name: String, up: String?, down: String?)] = [:]
        for name in names.sorted() where name.hasSuffix(".sql") && !name.hasPrefix(".") {
            let file = try Self.parse(name)
            var entry = files[file.version] ?? (file.name, nil, nil)
            guard entry.name == file.name, (file.isDown ? entry.down : entry.up) == nil else {
                throw MigrationError(
                    .invalid, "number \(file.version) is that of \(entry.name), too: give it another one", file: name)
            }
            if file.isDown { entry.down = name } else { entry.up = name }
            files[file.version] = entry
        }
        var migrations: [Migration] = []
        for (version, file) in files.sorted(by: { $0.key < $1.key }) {
            guard let up = file.up else {
                throw MigrationError(
                    .invalid, "there is no migration that this would undo", file: file.down ?? file.name)
            }
            migrations.append(
                try Migration(
                    version: version, name: file.name, up: try self.text(up), down: try self.optionalText(file.down),
                    source: up))
        }
        return migrations
    }

    /// Makes the files of a new migration, and the folder when there is none.
    ///
    /// - Parameters:
    ///   - name: What it does; spaces become underscores.
    ///   - date: Its number is made from the time in UTC, so that those of two people rarely are the same.
    /// - Returns: The paths.
    public func create(name: String, date: Date = Date()) throws(MigrationError) -> [String] {
        let name = name.split(whereSeparator: \.isWhitespace).joined(separator: "_")
        guard Migration.isName(name), !name.hasSuffix(".down"), !name.hasSuffix(".sql") else {
            throw MigrationError(.invalid, "a migration's name has letters, digits, '_', '-' and '.': not '\(name)'")
        }
        let stem = "\(Self.stamp(date))_\(name)"
        let up = "-- \(name), up. To run it without a transaction, begin with: -- lakebase: no transaction\n\n"
        let down = "-- \(name), down. Remove this file if there is no way back.\n\n"
        var paths: [String] = []
        do {
            try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
            for (file, text) in [("\(stem).sql", up), ("\(stem).down.sql", down)] {
                let url = URL(filePath: self.path).appending(path: file)
                try Data(text.utf8).write(to: url, options: .withoutOverwriting)
                paths.append(url.path)
            }
        } catch {
            throw MigrationError(.invalid, "the files cannot be written", file: "\(self.path)/\(stem).sql")
        }
        return paths
    }

    static func parse(_ name: String) throws(MigrationError) -> (version: Int64, name: String, isDown: Bool) {
        var stem = name.dropLast(4)
        let isDown = stem.hasSuffix(".down")
        if isDown { stem = stem.dropLast(5) }
        let digits = stem.prefix { $0.isASCII && $0.isNumber }
        let rest = stem.dropFirst(digits.count)
        guard let version = Int64(digits), version > 0, rest.hasPrefix("_"), Migration.isName(String(rest.dropFirst()))
        else {
            throw MigrationError(
                .invalid, "the name does not fit: use NUMBER_name.sql, such as 0001_create_notes.sql", file: name)
        }
        return (version, String(rest.dropFirst()), isDown)
    }

    /// `20261121164500`.
    static func stamp(_ date: Date) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
        return [parts.year, parts.month, parts.day, parts.hour, parts.minute, parts.second].map { part in
            let text = String(part ?? 0)
            return text.count < 2 ? "0" + text : text
        }.joined()
    }

    private func optionalText(_ name: String?) throws(MigrationError) -> String? {
        guard let name else { return nil }
        return try self.text(name)
    }

    private func text(_ name: String) throws(MigrationError) -> String {
        let url = URL(filePath: self.path).appending(path: name)
        guard let data = try? Data(contentsOf: url) else {
            throw MigrationError(.invalid, "the file cannot be read", file: name)
        }
        guard let text = String(bytes: data, encoding: .utf8), !text.utf8.contains(0) else {
            throw MigrationError(.invalid, "the file is not a text in UTF-8", file: name)
        }
        // What editors on Windows put in front.
        return text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
    }
}

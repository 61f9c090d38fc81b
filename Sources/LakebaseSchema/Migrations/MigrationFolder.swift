//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import ExactText

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A folder of migrations: `NUMBER_name.sql`, and beside it, when it can be undone, `NUMBER_name.down.sql`.
///
/// `NUMBER_name.up.sql` is another name for the first of them.
public struct MigrationFolder: Sendable {
    /// The folder.
    public let path: String

    /// The folder at a path.
    public init(path: String) { self.path = path }

    /// Reads the migrations in the folder, in the order of their numbers.
    ///
    /// - Throws: ``MigrationError`` for a folder that cannot be read, a name that does not fit, a number that two files have, a way back without
    ///   its migration, for texts that cannot be used, and for files that look like migrations and would be ignored: a name that ends in `.SQL`,
    ///   a program, files of SQL in a folder below this one unless its name begins with `_` or `.`.
    public func migrations() throws(MigrationError) -> [Migration] {
        let names: [ExactText]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: self.path).map { ExactText($0) }.sorted()
        } catch {
            throw MigrationError(
                .invalid, "the folder cannot be read", file: self.path, remedy: "create it, or name another one")
        }
        var files: [Int64: (name: String, up: String?, down: String?)] = [:]
        for name in names.map(\.text) where !name.startsExactly(with: ".") {
            guard name.endsExactly(with: ".sql") else {
                if let problem = self.problem(ofOther: name) { throw problem }
                continue
            }
            let file = try Self.parse(name)
            var entry = files[file.version] ?? (file.name, nil, nil)
            guard entry.name.isExactly(file.name), (file.isDown ? entry.down : entry.up) == nil else {
                throw MigrationError(
                    .invalid, "number \(file.version) is also that of \(entry.name)", file: name,
                    remedy: "give it another number")
            }
            if file.isDown { entry.down = name } else { entry.up = name }
            files[file.version] = entry
        }
        var migrations: [Migration] = []
        for (version, file) in files.sorted(by: { $0.key < $1.key }) {
            guard let up = file.up else {
                throw MigrationError(
                    .invalid, "there is no migration that this would undo", file: file.down ?? file.name,
                    remedy: "write the migration, or remove this file")
            }
            migrations.append(
                try Migration(
                    version: version, name: file.name, up: try self.text(up), down: try self.optionalText(file.down),
                    source: up))
        }
        return migrations
    }

    /// Returns why another file of the folder must not be ignored; nil when it may be.
    private func problem(ofOther name: String) -> MigrationError? {
        let end = name.lowercased().utf8.split(separator: UInt8(ascii: ".")).last.map { String(Substring($0)) } ?? ""
        if end.isExactly("sql") {
            return MigrationError(
                .invalid, "the file's name does not end in .sql, in lower case", file: name,
                remedy: "rename it, so that it ends in .sql")
        }
        if self.isAlembic(name) {
            return MigrationError(
                .invalid,
                "this file belongs to Alembic, whose migrations would not run", file: name,
                remedy: "run them with 'alembic upgrade head', or write each as NUMBER_name.sql",
                command: "alembic upgrade FROM:TO --sql")
        }
        let hasNumber = name.utf8.first.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
        if hasNumber, Self.programs.contains(ExactText(end)) {
            return MigrationError(
                .invalid,
                "this is no file of SQL, and would not run", file: name,
                remedy: "write it as NUMBER_name.sql, or keep it in another folder")
        }
        guard !name.startsExactly(with: "_"), let below = try? self.files(in: name),
            let file = below.first(where: { $0.lowercased().endsExactly(with: ".sql") })
        else { return nil }
        return MigrationError(
            .invalid,
            "files in folders do not run", file: "\(name)/\(file)",
            remedy: "move it up as NUMBER_name.sql, or begin the folder's name with '_'")
    }

    /// Whether a file belongs to Alembic, such as the migration `1975ea83b712_add_notes.py`.
    private func isAlembic(_ name: String) -> Bool {
        if name.isExactly("script.py.mako") { return true }
        guard name.endsExactly(with: ".py") else { return false }
        let digits = name.utf8.prefix { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
        }
        return digits.count == 12 && name.utf8.dropFirst(12).first.map { $0 == UInt8(ascii: "_") } ?? false
    }

    /// The file types in which other programs write migrations.
    private static let programs: Set<ExactText> = [
        "js", "cjs", "mjs", "ts", "cts", "mts", "py", "rb", "go", "php", "ex", "exs", "xml", "psql", "pgsql", "ddl",
        "json", "yaml", "yml", "edn", "clj", "java", "kt", "cs", "fs", "rs", "pl", "lua", "sh", "tmpl", "tpl", "j2",
        "jinja", "jinja2", "erb", "mustache", "gz", "bz2", "xz", "zst", "zip", "dump",
    ]

    /// The names in a folder below this one.
    private func files(in name: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(self.path)/\(name)").map { ExactText($0) }.sorted().map(
            \.text)
    }

    /// Creates the files of a new migration, and the folder when there is none.
    ///
    /// - Parameters:
    ///   - name: What it does; spaces become underscores.
    ///   - date: The time, whose digits in UTC are the number, so that the numbers of two developers are rarely the same.
    /// - Returns: The paths.
    public func create(name: String, date: Date = Date()) throws(MigrationError) -> [String] {
        let name = name.split(whereSeparator: \.isWhitespace).joined(separator: "_")
        guard Migration.isName(name), ![".up", ".down", ".sql"].contains(where: name.endsExactly) else {
            throw MigrationError(
                .invalid, "the name '\(name)' cannot be that of a migration",
                remedy: "use letters, digits, '_', '-' and '.' only")
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
            throw MigrationError(
                .invalid, "the files cannot be written", file: "\(self.path)/\(stem).sql",
                remedy: "make the folder writable, or name another one")
        }
        return paths
    }

    static func parse(_ name: String) throws(MigrationError) -> (version: Int64, name: String, isDown: Bool) {
        var stem = Substring(name.utf8.dropLast(4))
        let isDown = stem.endsExactly(with: ".down")
        // As other programs name the way there, beside the way back.
        if isDown || stem.endsExactly(with: ".up") { stem = Substring(stem.utf8.dropLast(isDown ? 5 : 3)) }
        let digits = stem.prefix { $0.isASCII && $0.isNumber }
        let rest = stem.dropFirst(digits.count)
        guard let version = Int64(digits), version > 0, let tail = rest.droppingExactly(prefix: "_"),
            Migration.isName(String(tail))
        else {
            throw MigrationError(
                .invalid, "the file's name is not NUMBER_name.sql", file: name,
                remedy: "rename it, for example to 0001_create_notes.sql\(Self.hint(name))")
        }
        return (version, String(tail), isDown)
    }

    /// Returns advice on a file's name in the style of another program.
    private static func hint(_ name: String) -> String {
        let bytes = Array(name.utf8.prefix(2))
        guard bytes.count == 2, "VUR".utf8.contains(bytes[0]),
            bytes[1] == UInt8(ascii: "_") || (48...57).contains(bytes[1])
        else { return "" }
        return
            "; a name of Flyway, such as V1__notes.sql, becomes 1_notes.sql, and U1__notes.sql becomes 1_notes.down.sql"
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
            throw MigrationError(.invalid, "the file cannot be read", file: name, remedy: "make it readable")
        }
        if data.starts(with: Data("PGDMP".utf8)) {
            throw MigrationError(
                .invalid, "this is an archive of pg_dump, which cannot be run as a migration", file: name,
                remedy: "restore it with pg_restore")
        }
        guard let text = String(bytes: data, encoding: .utf8), !text.utf8.contains(0) else {
            throw MigrationError(
                .invalid, "the file is not a text in UTF-8", file: name,
                remedy: "convert it to UTF-8", command: "iconv -f LATIN1 -t UTF-8 FILE")
        }
        // What editors on Windows put in front.
        return text.droppingExactly(prefix: "\u{FEFF}").map(String.init) ?? text
    }
}

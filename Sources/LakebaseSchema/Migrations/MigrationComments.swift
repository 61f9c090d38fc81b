//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import ExactText
internal import SQLTokens

/// The comments of a migration that have a meaning.
struct MigrationComments {
    /// A command of another migration program, which has no effect here.
    struct Foreign: Equatable {
        /// The line, counted from 1.
        var line: Int
        /// What is wrong with it, and what to do.
        var advice: Advice
    }

    /// Whether a comment before the first statement is `lakebase: no transaction`, with or without a reason after it.
    private(set) var optsOutOfTransaction = false
    /// The first command of another program.
    private(set) var foreign: Foreign?

    init(_ text: String) {
        let tokens = SQLTokens(text)
        var (line, isBeforeStatements) = (1, true)
        for token in tokens {
            switch token.kind {
            case .lineComment, .blockComment:
                let lines = tokens.text(of: token).exactLines
                if isBeforeStatements, lines.contains(where: Self.asksForNoTransaction) {
                    self.optsOutOfTransaction = true
                }
                if token.kind == .lineComment, self.foreign == nil, let comment = lines.first,
                    let marker = ForeignMarker.of(comment: comment)
                {
                    self.foreign = Foreign(line: line, advice: marker.advice)
                }
            case .whitespace, .semicolon: break
            case .word, .quotedName, .text, .number, .parameter, .symbol, .punctuation, .openingParenthesis,
                .closingParenthesis, .junk, .stray:
                isBeforeStatements = false
            }
            line += tokens.bytes[token.range].reduce(0) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
        }
    }

    private static func asksForNoTransaction(_ line: Substring) -> Bool {
        let bare = line.utf8.drop { " \t-/*".utf8.contains($0) }
        let text = Substring(bare).lowercased()
        let words = text.split { !$0.isLetter }
        let wanted: [Substring] = ["lakebase", "no", "transaction"]
        return text.startsExactly(with: "lakebase:") ? words.starts(with: wanted) : words == wanted
    }
}

/// A comment in which another migration program finds a command.
///
/// Such a file has the statements that undo a migration after those that apply it. Without its program both would run, one after the other.
enum ForeignMarker: Equatable {
    /// The beginning of the statements that undo a migration, in files of the named program.
    case wayBack(program: String, words: String)
    /// The command to use no transaction, in files of the named program.
    case noTransaction(program: String)
    /// A format whose commands are all comments.
    case format(program: String)
    /// The command to replace variables in the text, in files of the named program.
    case substitution(program: String)

    /// What is wrong with the file, and what to do about it.
    var advice: Advice {
        switch self {
        case .wayBack(let program, let words):
            Advice(
                "this is a migration of \(program): all of it would run, also what undoes it, behind '\(words)'",
                remedy: "move what undoes it to a file of its own, NUMBER_name.down.sql")
        case .noTransaction(let program):
            Advice(
                "this comment tells \(program) to use no transaction, and has no effect here",
                remedy: "begin the file with '-- lakebase: no transaction' instead")
        case .format(let program):
            Advice(
                "this is a file of \(program), whose commands in comments would have no effect",
                remedy: "write a file NUMBER_name.sql for each of its changes")
        case .substitution(let program):
            Advice(
                "this comment tells \(program) to replace variables in the text, which would run as it is",
                remedy: "write the values instead")
        }
    }

    /// Returns the command of another program in a line comment, which begins with two hyphens.
    static func of(comment: Substring) -> ForeignMarker? {
        let bare = comment.utf8.drop { $0 == UInt8(ascii: "-") || $0 == 0x20 || $0 == 0x09 }
        let words = Substring(bare).lowercased().split { $0 == " " || $0 == "\t" }.map(String.init)
        guard let first = words.first else { return nil }
        let second = words.count > 1 ? words[1] : ""
        switch first {
        case "migrate:down": return .wayBack(program: "dbmate", words: "-- migrate:down")
        case "migrate:up" where words.contains("transaction:false"): return .noTransaction(program: "dbmate")
        case "+goose" where second == "down": return .wayBack(program: "goose", words: "-- +goose Down")
        case "+goose" where second == "no": return .noTransaction(program: "goose")
        case "+goose" where second == "envsub" && !words.contains("off"): return .substitution(program: "goose")
        case "+migrate" where second == "down": return .wayBack(program: "sql-migrate", words: "-- +migrate Down")
        case "+migrate" where words.contains("notransaction"): return .noTransaction(program: "sql-migrate")
        case "+micrate" where second == "down": return .wayBack(program: "micrate", words: "-- +micrate Down")
        case "rambler" where second == "down": return .wayBack(program: "rambler", words: "-- rambler down")
        case "down" where second == "migration":
            return .wayBack(program: "node-pg-migrate", words: "-- Down Migration")
        case "down" where words.count == 1, "@down" where words.count == 1, "+down" where words.count == 1,
            "!down" where words.count == 1, "down:" where words.count == 1:
            return .wayBack(program: "another program", words: "-- \(first)")
        case "transactional:" where second == "false": return .noTransaction(program: "yoyo")
        case "flyway:executeintransaction=false": return .noTransaction(program: "Flyway")
        case "==" where second == "down", "====" where second == "down":
            return .wayBack(program: "shmig", words: "-- ==== DOWN ====")
        case "!downs": return .wayBack(program: "Play", words: "-- !Downs")
        case "//@undo", "@undo": return .wayBack(program: "MyBatis Migrations", words: "-- //@UNDO")
        case "create" where words.starts(with: ["create", "above", "/", "drop", "below"]):
            return .wayBack(program: "tern", words: "---- create above / drop below ----")
        case "atlas:txmode" where second == "none": return .noTransaction(program: "Atlas")
        case "liquibase" where second == "formatted": return .format(program: "Liquibase")
        case _: return nil
        }
    }
}

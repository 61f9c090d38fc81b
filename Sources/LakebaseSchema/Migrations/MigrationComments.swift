//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import ExactText
internal import SQLTokens

/// What comments of a migration ask for.
struct MigrationComments {
    /// Something that a program of migrations would take for a command, and this one cannot.
    struct Foreign: Equatable {
        /// The line, counted from 1.
        var line: Int
        /// Whose it is, and what to do.
        var message: String
    }

    /// Whether a comment before the first statement says `lakebase: no transaction`, with or without a reason behind it.
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
                    self.foreign = Foreign(line: line, message: marker.message)
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

/// A comment by which another program of migrations takes a file apart.
///
/// Such a file has the way back behind the way there. Without its program both would run, the one after the other.
enum ForeignMarker: Equatable {
    /// Where the way back begins, in files of the program that is named.
    case wayBack(program: String, words: String)
    /// How the program that is named is asked to use no transaction.
    case noTransaction(program: String)
    /// A format whose commands are all comments.
    case format(program: String)
    /// How the program that is named is asked to put values into the text.
    case substitution(program: String)

    /// What is wrong, and what to do.
    var message: String {
        switch self {
        case .wayBack(let program, let words):
            "this is a migration of \(program): all of it would run, with the way back behind '\(words)'. "
                + "Put the way back into a file of its own, NUMBER_name.down.sql"
        case .noTransaction(let program):
            "this is how \(program) is told to use no transaction: "
                + "begin the file with '-- lakebase: no transaction' instead"
        case .format(let program):
            "this is a file of \(program), whose commands in comments would not be obeyed: "
                + "make a file NUMBER_name.sql of each of its changes"
        case .substitution(let program):
            "this is how \(program) is told to put variables into the text, which would run as it stands: "
                + "write the values instead"
        }
    }

    /// What a line comment, which begins with two hyphens, says to another program.
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

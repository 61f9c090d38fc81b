//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import AsyncPQ
import Foundation
import Lakebase
import LakebaseSchema

/// `lakebase query`.
struct QueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "Run SQL and print the results as a table, JSON or CSV. Needs no psql.",
        discussion: """
            Statements come from -c, from files, or from standard input, and run in order. Each is its own \
            transaction unless the script contains BEGIN, or --single-transaction makes one transaction of all. The \
            first statement that fails ends the run, and is reported with file and line. No statement is ever run \
            twice. Rows are printed as they arrive, in bounded memory. Notices of the server, and the command tags \
            of statements without rows such as INSERT 0 1, go to standard error.

            FORMATS
              table  columns as wide as the first 1,000 rows need; NULL for null; control characters as escapes
              csv    a header line for each result, then the rows as PostgreSQL's COPY writes CSV: null is empty, an \
            empty text is ""; an empty line between two results
              json   an array of objects for each result, one after the other. true, false and null, and numbers for \
            smallint, integer, bigint, oid, real and double precision, but NaN and Infinity as text; json and jsonb \
            unchanged. All other types are text as PostgreSQL writes it: numeric (exact), timestamps, bytea (\\x…), \
            arrays. Repeated column names get _2, _3.

            PARAMETERS
            $1, $2 and so on in the statement stand for the values of --param, which are sent separately from the \
            text and cannot change it. With --param there must be exactly one statement.

            EXAMPLES
              lakebase query -c 'SELECT count(*) FROM notes'
              lakebase query --format csv --param 2026-01-01 -c 'SELECT * FROM notes WHERE created_at >= $1' > notes.csv
              lakebase query --format json -c 'SELECT id, title FROM notes' | jq -r '.[].title'
              lakebase query --single-transaction -f schema.sql -f data.sql
              lakebase query --branch preview --read-only < report.sql

            Ctrl-C cancels the statement on the server.

            Exit status: 0 if all statements ran; 1 if a statement or the login failed; 64 when the command line is \
            wrong; 128 plus the number of the signal that ended it; 141 if the reader of standard output closed it.
            """
    )

    @OptionGroup var connection: ConnectionOptions

    @Option(
        name: [.short, .customLong("command")],
        // SQL may begin with a comment, and a value with a minus.
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("SQL to run; can be repeated.", valueName: "sql"))
    var commands: [String] = []

    @Option(
        name: [.short, .customLong("file")],
        help: ArgumentHelp(
            "A file of SQL, - for standard input; can be repeated.", valueName: "file"),
        completion: .file(extensions: ["sql"]))
    var files: [String] = []

    @Option(
        name: .customLong("param"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp("The value of $1; the next --param is $2.", valueName: "value"))
    var parameters: [String] = []

    @Option(help: "The output format: table, json or csv.")
    var format: ResultFormat = .table

    @Flag(help: "Run all statements in one transaction, which is rolled back on failure.")
    var singleTransaction = false

    @Flag(help: "Make transactions read-only by default: a guard against mistakes, which SQL can turn off.")
    var readOnly = false

    func validate() throws {
        if !self.commands.isEmpty, !self.files.isEmpty {
            throw ValidationError("-c and -f cannot be mixed, for their order would be lost; use one of them")
        }
        if self.commands.isEmpty, self.files.isEmpty, QueryScript.isInputTerminal {
            throw ValidationError("there is nothing to run: give -c or -f, or send SQL to standard input")
        }
    }

    func run() async throws {
        try await self.connection.database.withConfiguration { configuration in
            let script = try QueryScript.read(commands: self.commands, files: self.files)
            try script.check(parameters: self.parameters.count, isOneTransaction: self.singleTransaction)
            var configuration = configuration
            if self.readOnly { configuration.settings["default_transaction_read_only"] = "on" }
            let run = QueryRun(
                configuration: configuration, script: script, parameters: self.parameters,
                isOneTransaction: self.singleTransaction, printer: ResultPrinter(self.format))
            do {
                try await Interruption.cancelling { try await run.run() }
            } catch let interruption as Interruption {
                throw ExitCode(interruption.exitStatus)
            } catch let failure as Terminal.WriteFailure {
                // As if the signal had come that this program does not take.
                throw failure.code == EPIPE ? ExitCode(128 + SIGPIPE) : failure
            }
        }
    }

}

extension ResultFormat: ExpressibleByArgument {}

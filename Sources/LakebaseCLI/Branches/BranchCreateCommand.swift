//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Databricks
import ExactText
import Foundation

/// `lakebase branches create`.
struct BranchCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Create a branch with an endpoint, and wait until it is ready.",
        discussion: """
            Say when the branch expires: --ttl, --expires-at or --no-expiry. An expired branch is deleted with all \
            its data. A new branch shares its data with its parent; only what changes later is copied.

            EXAMPLES
              lakebase branches create preview --ttl 7d
              lakebase branches create before-the-accident --no-expiry --from production --at 2026-11-20T09:30:00Z
              lakebase branches create ci-123 --ttl 2h --json | jq -r '.endpoints[0].host'
              lakebase psql --branch preview

            Exit status: 0 if the branch is ready (with --no-wait: if the creation was started), 1 on failure, 64 \
            when the command line is wrong.
            """
    )

    @OptionGroup var options: BranchOptions

    @Argument(
        help: ArgumentHelp(
            "The id: 1 to 63 lowercase letters, digits and hyphens; the first is a letter.", valueName: "name"))
    var name: String

    @Option(
        help: ArgumentHelp("The branch to start from; default: the default branch of the project.", valueName: "branch")
    )
    var from: String?

    @Option(
        help: ArgumentHelp(
            "Start from an earlier state: a time (2026-11-20T09:30:00Z) or a WAL position (0/16B3748).",
            valueName: "point"))
    var at: BranchPoint?

    @Option(help: ArgumentHelp("Expire after this time: 2h, 7d; 30 days at most.", valueName: "time"))
    var ttl: DurationArgument?

    @Option(help: ArgumentHelp("Expire at this time: 2026-12-01T00:00:00Z.", valueName: "time"))
    var expiresAt: TimeArgument?

    @Flag(help: "Never expire.")
    var noExpiry = false

    @Flag(help: "Protect the branch from deletion. Needs --no-expiry.")
    var protected = false

    @Flag(help: "Do not wait until the branch is ready.")
    var noWait = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        try OptionCheck.atMostOne(
            ["--ttl": self.ttl != nil, "--expires-at": self.expiresAt != nil, "--no-expiry": self.noExpiry],
            "exclude each other; use one of them")
        if self.ttl == nil, self.expiresAt == nil, !self.noExpiry {
            throw ValidationError("say when the branch expires: --ttl 2h, --expires-at TIME or --no-expiry")
        }
        if let ttl, ttl.duration <= .zero || ttl.duration > .seconds(30 * 86_400) {
            throw ValidationError("--ttl \(ttl.defaultValueDescription) cannot work; choose up to 30d")
        }
        if self.protected, !self.noExpiry {
            throw ValidationError("a protected branch cannot expire; use --no-expiry")
        }
    }

    func run() async throws {
        try await self.options.run(changes: true) { api in
            let new = try self.options.reference(self.name)
            let source = try self.from.map { try self.options.reference($0) }
            if let source, !source.project.isExactly(new.project) {
                throw CommandError(
                    "\(source.name) is in another project than \(new.name); a branch starts from one of its own project"
                )
            }
            var spec = Postgres.BranchSpec(
                sourceBranch: source?.name, ttl: self.ttl.map { ProtobufDuration($0.duration) },
                expireTime: self.expiresAt?.date, noExpiry: self.noExpiry ? true : nil,
                isProtected: self.protected ? true : nil)
            switch self.at {
            case .time(let time): spec.sourceBranchTime = time
            case .position(let position): spec.sourceBranchLSN = position
            case nil: break
            }
            let operation = try await api.createBranch(.init(spec: spec), id: new.id, parent: new.project)
            guard !self.noWait else {
                Terminal.note("Begun; lakebase branches get \(new.id) shows whether it is ready.")
                return Terminal.output(self.json ? try BranchReport.json(["name": new.name]) : new.name)
            }
            let branch = try await Progress.during("making the branch \(new.id)") { try await operation.wait() }
            let report = try await BranchReport(branch, api)
            Terminal.output(self.json ? try BranchReport.json(report) : report.text(Date()))
            if !self.json { Terminal.note("Log in: lakebase psql --branch \(new.name)") }
        }
    }
}

/// An earlier state of a branch.
enum BranchPoint: ExpressibleByArgument, Sendable, Hashable {
    case time(Date)
    case position(String)

    init?(argument: String) {
        if let date = RFC3339.date(from: argument) {
            self = .time(date)
        } else {
            // Two numbers in hexadecimal, as PostgreSQL writes them (type pg_lsn).
            let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2, parts.allSatisfy({ UInt32($0, radix: 16) != nil && !$0.hasPrefix("+") }) else {
                return nil
            }
            self = .position(argument)
        }
    }
}

/// A time in the format of RFC 3339.
struct TimeArgument: ExpressibleByArgument, Sendable, Hashable {
    var date: Date

    init?(argument: String) {
        guard let date = RFC3339.date(from: argument) else { return nil }
        self.date = date
    }
}

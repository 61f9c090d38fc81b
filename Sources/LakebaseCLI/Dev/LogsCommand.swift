//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import LakebaseLocal

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `lakebase dev logs`.
struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Show the log of an app that lakebase dev runs.",
        discussion: """
            Each line has its time and its source: stdout and stderr are the app's output, system is what lakebase \
            dev did with the app. With the folder of --data the log can be read even when lakebase dev is not \
            running. Without it, the environment of lakebase dev says where it runs, and the identity must be the \
            developer.

            OPTIONS
              --data <dir>            The folder that was given to lakebase dev --data.
              --json                  Print each line as a JSON object.

            EXAMPLES
              lakebase dev logs notes --data .lakebase
              lakebase dev logs notes --data .lakebase --follow
              lakebase dev logs notes --data .lakebase --tail 1000 --json | jq -r 'select(.stream == "stderr").text'

            EXIT STATUS
              0, or 1 if there is no such app, or no lakebase dev to follow. With --follow, 0 also when the followed lakebase dev has ended.
            """
    )

    @Argument(help: "The name of the app.")
    var app: String

    @Flag(name: [.short, .long], help: "Print new lines as they are written, until Ctrl-C.")
    var follow = false

    @Option(help: ArgumentHelp("The number of last lines to print first.", valueName: "lines"))
    var tail = 100

    /// Has --data and --json, which are accepted in any position.
    @ParentCommand var dev: DevCommand

    func validate() throws {
        guard (0...10_000).contains(self.tail) else { throw ValidationError("--tail takes 0 to 10000") }
    }

    func run() async throws {
        do {
            try await self.show()
        } catch is Terminal.WriteFailure {
            // The reader closed the pipe.
        }
    }

    private func show() async throws {
        if let data = self.dev.data, try LocalLakebase.running(on: data) == nil {
            guard let page = try LocalAppLog.tail(of: self.app, in: data, count: self.tail) else {
                throw CommandError("No app \(self.app) has ever run on \(data).")
            }
            try self.print(page)
            if self.follow {
                throw CommandError("No lakebase dev runs on \(data), so there is nothing to follow.")
            }
            return
        }
        let running = try await RunningDev.find(data: self.dev.data, command: "logs \(self.app)")
        var page = try await self.page(of: running, "tail=\(self.tail)")
        try self.print(page)
        while self.follow {
            do {
                page = try await self.page(of: running, "tail=10000&after=\(page.last)&wait=10")
            } catch let failure as CommandError {
                throw failure
            } catch {
                Terminal.note("lakebase: the lakebase dev at \(running.host) has ended")
                return
            }
            try self.print(page)
        }
    }

    private func page(of running: RunningDev, _ query: String) async throws -> LocalAppLog.Page {
        // Other text cannot be the name of an app, and must not become another path.
        guard self.app.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }) else {
            throw CommandError(
                "'\(self.app)' cannot be the name of an app: those have lowercase letters, digits and hyphens.")
        }
        let answer = try await running.get("/local/apps/\(self.app)/logs?\(query)")
        switch answer.status {
        case 200:
            guard let page = try? LocalAppLog.decoder.decode(LocalAppLog.Page.self, from: answer.body) else {
                throw running.unexpected(answer.status)
            }
            return page
        case 404: throw CommandError("There is no app \(self.app) at \(running.host).")
        case 403:
            throw CommandError(
                "Only the developer reads the logs of apps; use --data, or lakebase dev --as developer.")
        default: throw running.unexpected(answer.status)
        }
    }

    private func print(_ page: LocalAppLog.Page) throws {
        guard !page.lines.isEmpty else { return }
        let lines = try page.lines.map { line in
            self.dev.json
                ? String(decoding: try LocalAppLog.encoder.encode(line), as: UTF8.self) : LogLineText.text(line)
        }
        try Terminal.deliver(lines.joined(separator: "\n"))
    }
}

/// A line of a log as text.
enum LogLineText {
    /// The time, the source and the text; control characters were already escaped.
    static func text(_ line: LocalAppLog.Line) -> String {
        let time = line.time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        return "\(time) \(line.stream.rawValue) \(line.text)"
    }
}

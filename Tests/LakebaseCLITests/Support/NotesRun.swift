//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// A running Notes app, and what it answers.
struct NotesRun {
    struct Answer {
        var status: Int
        var headers: [String: String]
        var text: String
    }

    let process: Process
    let scratch: Scratch
    let address: String

    /// Runs `body` while the app runs in that environment, then stops it.
    static func with(environment: [String: String], _ body: (NotesRun) async throws -> Void) async throws {
        let scratch = try Scratch()
        let (output, errors) = (try scratch.file("out"), try scratch.file("err"))
        let process = try CommandRun.start(
            "notes", ["--port", "0", "--log-level", "trace"], environment: environment, output: output, errors: errors)
        do {
            let said = try await scratch.text("out", containing: "Notes: http://")
            let line = try #require(said.split(separator: "\n").first { $0.hasPrefix("Notes: ") })
            try await body(NotesRun(process: process, scratch: scratch, address: String(line.dropFirst(7))))
        } catch {
            if process.isRunning { kill(process.processIdentifier, SIGTERM) }
            try await process.ended()
            throw error
        }
        if process.isRunning { kill(process.processIdentifier, SIGTERM) }
        try await process.ended()
    }

    /// Sends a request as a browser would.
    func browser(_ method: String, _ path: String, form: Data? = nil, headers: [String: String] = [:]) async throws
        -> Answer
    {
        let accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
        return try await self.send(method, path, form: form, headers: headers.merging(["Accept": accept]) { $1 })
    }

    func send(_ method: String, _ path: String, form: Data? = nil, headers: [String: String] = [:]) async throws
        -> Answer
    {
        var request = URLRequest(url: try #require(URL(string: self.address + path)))
        request.httpMethod = method
        request.httpBody = form
        request.timeoutInterval = 40
        if form != nil { request.setValue("application/x-www-form-urlencoded", forHTTPHeaderField: "Content-Type") }
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        let (data, response) = try await URLSession.shared.data(for: request)
        let answer = try #require(response as? HTTPURLResponse)
        let fields = answer.allHeaderFields.map { ("\($0.key)".lowercased(), "\($0.value)") }
        return Answer(
            status: answer.statusCode, headers: Dictionary(fields) { first, _ in first },
            text: String(decoding: data, as: UTF8.self))
    }
}

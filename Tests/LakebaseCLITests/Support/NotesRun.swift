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

    /// Without cookies of its own: runs share a host, so that a store of cookies would mix them up.
    private static let session: URLSession = {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpCookieStorage = nil
        configuration.httpShouldSetCookies = false
        configuration.httpCookieAcceptPolicy = .never
        return URLSession(configuration: configuration)
    }()

    let process: Process
    let scratch: Scratch
    let address: String
    /// What the app's forms have to bring: in a cookie, and in a field.
    var formToken = ""

    /// Runs `body` while the app runs in that environment, then stops it.
    static func with(environment: [String: String], _ body: (NotesRun) async throws -> Void) async throws {
        let scratch = try Scratch()
        let (output, errors) = (try scratch.file("out"), try scratch.file("err"))
        let process = try CommandRun.start(
            "notes", ["--port", "0", "--log-level", "trace"], environment: environment, output: output, errors: errors)
        do {
            let said = try await scratch.text("out", containing: "Notes: http://")
            let line = try #require(said.split(separator: "\n").first { $0.hasPrefix("Notes: ") })
            var notes = NotesRun(process: process, scratch: scratch, address: String(line.dropFirst(7)))
            notes.formToken = try await notes.newFormToken()
            try await body(notes)
        } catch {
            if process.isRunning { kill(process.processIdentifier, SIGTERM) }
            try await process.ended()
            throw error
        }
        if process.isRunning { kill(process.processIdentifier, SIGTERM) }
        try await process.ended()
    }

    /// The text that the app's page has in its cookie and in its forms.
    private func newFormToken() async throws -> String {
        let page = try await self.browser("GET", "/")
        let token = try #require(page.text.firstMatch(of: /name="csrf" value="([0-9a-f]{32})"/)?.1)
        let cookie = try #require(page.headers["set-cookie"], "\(page.headers)")
        #expect(cookie.hasPrefix("notes=\(token);"))
        for word in ["HttpOnly", "SameSite=Lax", "Path=/"] { #expect(cookie.contains(word), "\(cookie)") }
        return String(token)
    }

    /// Sends a request as a browser would, forms with what the app's own page puts into them.
    func browser(_ method: String, _ path: String, form: Data? = nil, headers: [String: String] = [:]) async throws
        -> Answer
    {
        let accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
        var (headers, form) = (headers.merging(["Accept": accept]) { own, _ in own }, form)
        if method == "POST" {
            form = Data("csrf=\(self.formToken)&".utf8) + (form ?? Data())
            headers["Cookie"] = "notes=\(self.formToken)"
        }
        return try await self.send(method, path, form: form, headers: headers)
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
        let (data, response) = try await Self.session.data(for: request)
        let answer = try #require(response as? HTTPURLResponse)
        let fields = answer.allHeaderFields.map { ("\($0.key)".lowercased(), "\($0.value)") }
        return Answer(
            status: answer.statusCode, headers: Dictionary(fields) { first, _ in first },
            text: String(decoding: data, as: UTF8.self))
    }
}

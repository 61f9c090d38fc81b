//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

/// A headless Chromium, driven over two pipes by the protocol of its developer tools.
final class Browser {
    struct Failure: Error {
        var message: String
    }

    private let processID: pid_t
    private let commands: Int32
    private let answers: Int32
    private let scratch: Scratch
    private var unread: [UInt8] = []
    private var lastID = 0
    private var session: String?

    /// Where the browser is: script/setup --tests brings it.
    private static func program() throws -> String {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":").map(String.init)
        let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
        let paths =
            names.flatMap { name in folders.map { "\($0)/\(name)" } } + [
                "/Applications/Chromium.app/Contents/MacOS/Chromium",
                "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
            ]
        let found = paths.first { FileManager.default.isExecutableFile(atPath: $0) }
        return try #require(found, "no Chromium: script/setup --tests installs it")
    }

    /// Runs `body` with a browser that has one empty page, and ends it.
    static func with(_ body: (Browser) async throws -> Void) async throws {
        let browser = try Browser()
        let result: Result<Void, any Error>
        do {
            try await browser.openPage()
            result = .success(try await body(browser))
        } catch {
            result = .failure(error)
        }
        await browser.end()
        try result.get()
    }

    private init() throws {
        self.scratch = try Scratch()
        let program = try Self.program()
        var (toBrowser, fromBrowser): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
        guard pipe(&toBrowser) == 0, pipe(&fromBrowser) == 0 else { throw Failure(message: "pipe: \(errno)") }
        defer {
            close(toBrowser[0])
            close(fromBrowser[1])
        }
        for descriptor in toBrowser + fromBrowser { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(fromBrowser[0], F_SETFL, O_NONBLOCK)
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        #else
        var actions = posix_spawn_file_actions_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // Above 4 first: one of the pipes may have the number that the other is to get.
        let (input, output) = (fcntl(toBrowser[0], F_DUPFD, 10), fcntl(fromBrowser[1], F_DUPFD, 10))
        defer {
            close(input)
            close(output)
        }
        posix_spawn_file_actions_adddup2(&actions, input, 3)
        posix_spawn_file_actions_adddup2(&actions, output, 4)
        posix_spawn_file_actions_addclose(&actions, input)
        posix_spawn_file_actions_addclose(&actions, output)
        for descriptor: Int32 in [0, 1, 2] {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        let switches = [
            program, "--headless=new", "--remote-debugging-pipe", "--user-data-dir=\(self.scratch.path)/profile",
            // As root, and in containers, there is no sandbox to be had; the only pages are the test's own.
            "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--no-proxy-server", "about:blank",
        ]
        let variables = CommandRun.plainEnvironment.merging(["HOME": self.scratch.path]) { $1 }
        let arguments = switches.map { strdup($0) } + [nil]
        let settings = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in arguments + settings { free(pointer) } }
        var processID: pid_t = 0
        let code = posix_spawn(&processID, program, &actions, nil, arguments, settings)
        (self.processID, self.commands, self.answers) = (processID, toBrowser[1], fromBrowser[0])
        guard code == 0 else { throw Failure(message: "posix_spawn: \(code)") }
    }

    deinit {
        close(self.commands)
        close(self.answers)
    }

    private func openPage() async throws {
        let target = try await self.call("Target.createTarget", ["url": "about:blank"])
        let attached = try await self.call(
            "Target.attachToTarget", ["targetId": try #require(target["targetId"] as? String), "flatten": true])
        self.session = try #require(attached["sessionId"] as? String)
    }

    private func end() async {
        self.session = nil
        _ = try? await self.call("Browser.close", [:], within: .seconds(5))
        let deadline = ContinuousClock.now + .seconds(10)
        var status: Int32 = 0
        while waitpid(self.processID, &status, WNOHANG) == 0 {
            if ContinuousClock.now > deadline { kill(self.processID, SIGKILL) }
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    // MARK: What a person does

    /// Goes to an address and waits until the page is there.
    func open(_ address: String) async throws {
        let answer = try await self.call("Page.navigate", ["url": address])
        if let error = answer["errorText"] as? String { throw Failure(message: "\(address): \(error)") }
        try await self.wait("document.readyState === 'complete' && location.href !== 'about:blank'")
    }

    /// Clicks into the middle of an element with the mouse.
    func click(_ selector: String) async throws {
        let place = try await self.evaluate(
            """
            (() => {
                const element = document.querySelector(\(Self.literal(selector)));
                element.scrollIntoView({ block: 'center' });
                const box = element.getBoundingClientRect();
                return (box.left + box.width / 2) + ' ' + (box.top + box.height / 2);
            })()
            """)
        let numbers = try #require(place as? String).split(separator: " ").compactMap { Double($0) }
        try #require(numbers.count == 2)
        for type in ["mousePressed", "mouseReleased"] {
            _ = try await self.call(
                "Input.dispatchMouseEvent",
                ["type": type, "x": numbers[0], "y": numbers[1], "button": "left", "clickCount": 1])
        }
    }

    /// Clicks into a field and types over what is in it.
    func fill(_ selector: String, _ text: String) async throws {
        try await self.click(selector)
        _ = try await self.evaluate("document.activeElement.select()")
        _ = try await self.call("Input.insertText", ["text": text])
    }

    // MARK: What a person sees

    /// The value of an expression in the page.
    func evaluate(_ expression: String) async throws -> Any? {
        let answer = try await self.call("Runtime.evaluate", ["expression": expression, "returnByValue": true])
        if let details = answer["exceptionDetails"] { throw Failure(message: "\(expression): \(details)") }
        return (answer["result"] as? [String: Any])?["value"]
    }

    /// Waits until an expression is true, also over the loading of another page.
    func wait(_ expression: String, within limit: Duration = .seconds(60)) async throws {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            // While a page goes there is nothing to ask.
            if let value = try? await self.evaluate(expression) as? Bool, value { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        let page = try? await self.evaluate("document.documentElement.outerHTML") as? String
        throw Failure(message: "it was never so: \(expression)\n\(page ?? "-")")
    }

    /// A text as JavaScript writes it.
    static func literal(_ text: String) -> String {
        let data = (try? JSONEncoder().encode(text)) ?? Data()
        return String(decoding: data, as: UTF8.self)
    }

    // MARK: The protocol

    private func call(
        _ method: String, _ parameters: [String: Any], within limit: Duration = .seconds(60)
    ) async throws -> [String: Any] {
        self.lastID += 1
        var message: [String: Any] = ["id": self.lastID, "method": method, "params": parameters]
        if let session { message["sessionId"] = session }
        var bytes = [UInt8](try JSONSerialization.data(withJSONObject: message)) + [0]
        while !bytes.isEmpty {
            let count = write(self.commands, bytes, bytes.count)
            guard count > 0 else { throw Failure(message: "\(method): the browser has gone") }
            bytes.removeFirst(count)
        }
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            guard let answer = try self.nextMessage() else {
                try await Task.sleep(for: .milliseconds(5))
                continue
            }
            // What is no answer to this is an event.
            guard answer["id"] as? Int == self.lastID else { continue }
            if let error = answer["error"] { throw Failure(message: "\(method): \(error)") }
            return answer["result"] as? [String: Any] ?? [:]
        }
        throw Failure(message: "\(method): no answer within \(limit)")
    }

    private func nextMessage() throws -> [String: Any]? {
        if !self.unread.contains(0) {
            var bytes = [UInt8](repeating: 0, count: 65536)
            let count = read(self.answers, &bytes, bytes.count)
            guard count != 0 else { throw Failure(message: "the browser has gone") }
            if count > 0 { self.unread += bytes.prefix(count) }
        }
        guard let end = self.unread.firstIndex(of: 0) else { return nil }
        let message = Data(self.unread[..<end])
        self.unread.removeSubrange(...end)
        return try JSONSerialization.jsonObject(with: message) as? [String: Any]
    }
}

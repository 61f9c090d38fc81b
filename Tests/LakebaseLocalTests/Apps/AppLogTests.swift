//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Foundation
import Secrets
import Testing

@testable import LakebaseLocal

@Suite("The log of an app") struct AppLogTests {
    private func with(_ body: (AppFolder) throws -> Void) throws {
        let path = try PrivateFile.makeTemporaryDirectory(NSTemporaryDirectory() + "lakebase-log.XXXXXX")
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = AppFolder(path: path + "/notes")
        try folder.create()
        try body(folder)
    }

    @Test func `numbers go on after a restart, and a line cut short is none`() throws {
        try self.with { folder in
            AppLog(folder).append(.standardOutput, "one", deployment: "a")
            let file = try #require(FileHandle(forWritingAtPath: folder.logFile))
            try file.seekToEnd()
            try file.write(contentsOf: Data(#"{"number":2,"ti"#.utf8))
            let log = AppLog(folder)
            #expect(log.last == 1)
            log.append(.standardError, "two\nthree", deployment: "b")
            #expect(log.tail(count: 10, after: 0).lines.map(\.number) == [1, 2, 3])
            let read = AppLog.read(folder, count: 10, after: 1)
            #expect(read.lines.map(\.text) == ["two", "three"])
            #expect(log.tail(count: 10, after: 1).lines.map(\.text) == ["two", "three"])
            #expect(log.tail(count: 1, after: 0).lines.map(\.text) == ["three"])
            #expect(log.lastLines(5, of: "b", after: 0) == ["two", "three"])
            #expect(log.lastLines(5, of: "b", after: 2) == ["three"])
        }
    }

    @Test func `the last lines have the cause in them, though much else was read after it`() throws {
        try self.with { folder in
            let log = AppLog(folder)
            for line in ["bad luck 1", "bad luck 2", "bad luck 3"] { log.append(.standardError, line, deployment: "a") }
            for line in 1...20 { log.append(.standardOutput, "line \(line)", deployment: "a") }
            #expect(
                log.lastLines(5, of: "a", after: 0) == ["bad luck 2", "bad luck 3", "line 18", "line 19", "line 20"])
            for line in 4...9 { log.append(.standardError, "bad luck \(line)", deployment: "a") }
            #expect(log.lastLines(5, of: "a", after: 0) == (5...9).map { "bad luck \($0)" })
        }
    }

    @Test func `files are bounded, and the newest lines are there`() throws {
        try self.with { folder in
            let log = AppLog(folder, fileLimit: 10_000)
            for number in 1...3_000 { log.append(.standardOutput, "line \(number)", deployment: "a") }
            for path in [folder.logFile, folder.olderLogFile] {
                let size = try #require(PrivateFile.facts(of: path)?.size)
                #expect(size <= 10_000)
            }
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            #expect(names == ["app.log", "app.log.1", "home"])
            let read = AppLog.read(folder, count: 50, after: 0)
            #expect(read.lines.map(\.number) == Array(2_951...3_000) && read.last == 3_000)
            #expect(AppLog.read(folder, count: 50, after: 2_998).lines.map(\.number) == [2_999, 3_000])
            #expect(AppLog(folder).last == 3_000)
        }
    }

    @Test func `secret of the process is not in it`() throws {
        try self.with { folder in
            let log = AppLog(folder)
            let secret = RandomText.make(prefix: "dose", hexDigits: 32)
            log.conceal(secret)
            secret.withUnsafeValue { log.append(.standardOutput, "a=\($0) b=\($0)", deployment: "a") }
            #expect(log.tail(count: 1, after: 0).lines.first?.text == "a=<redacted> b=<redacted>")
            log.reveal(secret)
            log.append(.standardOutput, "plain", deployment: "a")
            let bytes = try #require(FileManager.default.contents(atPath: folder.logFile))
            secret.withUnsafeValue { #expect(bytes.range(of: Data($0.utf8)) == nil) }
        }
    }

    @Test func `line survives being written and read`() throws {
        let line = LocalAppLog.Line(
            number: 3, time: Date(timeIntervalSince1970: 1_800_000_000.25), stream: .standardError, deployment: "d",
            text: "\u{1B}[31mred\u{1B}[0m \"quoted\"")
        let data = try LocalAppLog.encoder.encode(line)
        #expect(String(decoding: data, as: UTF8.self).contains(#""time":"2027-01-15T08:00:00.250Z""#))
        #expect(try LocalAppLog.decoder.decode(LocalAppLog.Line.self, from: data) == line)
    }

    @Test(arguments: [Int.min, -1, 0, Int.max - 1, Int.max]) func `any number can be asked for`(number: Int) throws {
        try self.with { folder in
            let log = AppLog(folder)
            for number in 1...(2 * AppLog.ringLimit + 1) { log.append(.standardOutput, "\(number)", deployment: "a") }
            let lines = log.tail(count: 10, after: number).lines
            #expect(lines.count == (number > 0 ? 0 : 10))
            #expect(AppLog.read(folder, count: 10, after: number).lines.count == lines.count)
        }
    }

    @Test(arguments: [Int.max, Int.min]) func `a log with an odd number in it goes on`(number: Int) throws {
        try self.with { folder in
            let odd = LocalAppLog.Line(
                number: number, time: Date(timeIntervalSince1970: 0), stream: .system, deployment: "", text: "odd")
            try PrivateFile.write(try LocalAppLog.encoder.encode(odd) + [10], to: folder.logFile)
            let log = AppLog(folder)
            log.append(.standardOutput, "next", deployment: "a")
            #expect(log.tail(count: 1, after: 0).lines.first?.text == "next")
            _ = log.tail(count: 10, after: .max)
        }
    }

    @Test func `a secret stands in no piece of a long line`() {
        let secret = RandomText.make(prefix: "dose", hexDigits: 32)
        secret.withUnsafeValue { text in
            for before in 0...(64 + text.utf8.count) {
                let line = String(repeating: "d", count: before) + text + String(repeating: "x", count: 100)
                let pieces = Self.pieces(line, limit: 64, secrets: [secret])
                #expect(pieces.joined() == line)
                #expect(pieces.count { $0.contains(text) } == 1, "\(before)")
                #expect(pieces.allSatisfy { $0.utf8.count <= 64 + text.utf8.count })
            }
        }
    }

    @Test(arguments: [
        ["dose01d"], ["abab"], ["aaa"], ["abcd", "cdef", "x"], ["é\u{301}é", "\u{301}"], ["secretsecret", "et"],
    ])
    func `secrets that end as they begin, or as another begins, are found in one piece`(secrets: [String]) {
        for before in 0...24 {
            for secret in secrets {
                let line = String(repeating: "-", count: before) + secret + String(repeating: "-", count: 24)
                let pieces = Self.pieces(line, limit: 16, secrets: secrets.map { Secret($0) })
                #expect(pieces.joined() == line)
                let shown = pieces.map { Redaction.replacing(secret, in: $0) }.joined()
                #expect(shown == Redaction.replacing(secret, in: line), "\(before): \(pieces)")
            }
        }
    }

    private static func pieces(_ line: String, limit: Int, secrets: [Secret]) -> [String] {
        var (splitter, pieces) = (
            LineSplitter(limit: limit) { Redaction.unfinished($0, secrets: secrets) }, [String]()
        )
        splitter.append(Array("\(line)\n".utf8)) { pieces.append($0) }
        return pieces
    }

    @Test func `a secret with a combining mark behind it is found`() throws {
        try self.with { folder in
            let log = AppLog(folder)
            let secret = RandomText.make(prefix: "dose", hexDigits: 32)
            log.conceal(secret)
            secret.withUnsafeValue { log.append(.standardOutput, "a=\($0)\u{301}", deployment: "a") }
            let bytes = try #require(FileManager.default.contents(atPath: folder.logFile))
            secret.withUnsafeValue { #expect(bytes.range(of: Data($0.utf8)) == nil) }
        }
    }

    @Test(arguments: ["\n", "\r\n"]) func `a secret of several lines is hidden line by line`(end: String) throws {
        try self.with { folder in
            let log = AppLog(folder)
            let lines = ["-----BEGIN KEY-----", "MIIEvQIBADANBgkq", "{", "-----END KEY-----"]
            let secret = Secret(lines.joined(separator: end) + end)
            log.conceal(secret)
            for line in lines { log.append(.standardOutput, "key: \(line) \(end)", deployment: "a") }
            let shown = log.tail(count: 100, after: 0).lines.map(\.text).filter { $0.hasPrefix("key") }
            #expect(shown.map { $0.contains("<redacted>") } == [true, true, false, true], "\(shown)")
            log.reveal(secret)
            log.append(.standardOutput, lines[1], deployment: "a")
            #expect(log.tail(count: 1, after: 0).lines.first?.text == lines[1])
        }
    }

    @Test func `what a terminal would obey is shown and not obeyed`() throws {
        try self.with { folder in
            let log = AppLog(folder)
            log.append(
                .standardOutput, "a\u{1B}[1;31m\u{1B}[m\u{1B}[31\u{1B}]0;title\u{7}b\rc\td\u{9B}2J\u{202E}e\r\nnext é",
                deployment: "a")
            let shown = log.tail(count: 10, after: 0).lines.map(\.text)
            #expect(shown == ["a\\u{1B}[31\\u{1B}]0;title\\u{7}b\\u{D}c\td\\u{9B}2J\\u{202E}e\\u{D}", "next é"])
            // Also of a log from before.
            let old =
                #"{"deployment":"a","number":9,"stream":"stdout","text":"\u001b[2J","time":"2027-01-15T08:00:00.250Z"}"#
            try PrivateFile.write(Data((old + "\n").utf8), to: folder.logFile)
            #expect(AppLog.read(folder, count: 1, after: 0).lines.first?.text == "\\u{1B}[2J")
        }
    }

    @Test(arguments: ["../x", "home", "", "a/b", "a.b", String(repeating: "a", count: 129)])
    func `id that is no folder of its own is refused`(id: String) { #expect(!AppFolder.isVersion(id)) }
}

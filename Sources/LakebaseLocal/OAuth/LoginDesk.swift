//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Logging
import Secrets
import Synchronization

/// Checks that a user who logs in is the owner: by the current code, or by the developer's token.
final class LoginDesk: Sendable {
    private struct State: Sendable {
        var code: LoginCode
        /// The last announcement to the owner: the code, the time, and the pause before another one.
        var told: (code: Secret, at: Date, pause: TimeInterval)?
    }

    /// The shortest and the longest pause between two announcements, in seconds.
    private static let firstPause: TimeInterval = 10, lastPause: TimeInterval = 60

    /// The file of the code.
    let file: String
    private let token: Secret
    private let state: Mutex<State>
    private let tell: @Sendable (LoginNotice) -> Void

    /// Creates the first code and stores it.
    ///
    /// - Parameters:
    ///   - file: Where the code is written to, with mode 0600.
    ///   - token: The developer's token, which is as good as a code.
    ///   - tell: Announces to the owner that a page was opened, with the code.
    init(file: String, token: Secret, tell: @escaping @Sendable (LoginNotice) -> Void) throws {
        let first = LoginCode.make()
        try Self.keep(first, in: file)
        self.file = file
        self.token = token
        self.state = Mutex(State(code: LoginCode(first, now: Date())))
        self.tell = tell
    }

    /// Announces to the owner that a page was opened, and more and more rarely if a program opens many pages.
    func opened(now: Date = Date()) {
        let notice = self.state.withLock { state -> LoginNotice? in
            var pause = Self.firstPause
            if let told = state.told, told.code == state.code.current {
                let quiet = now.timeIntervalSince(told.at)
                // A clock that was set back does not silence it.
                guard quiet >= told.pause || quiet < 0 else { return nil }
                pause = quiet > 2 * Self.lastPause ? Self.firstPause : min(told.pause * 2, Self.lastPause)
            }
            state.told = (state.code.current, now, pause)
            return LoginNotice(code: state.code.current, file: self.file)
        }
        if let notice { self.tell(notice) }
    }

    /// Checks what was typed.
    ///
    /// - Throws: What keeps a new code from being kept; then the old one stays valid, and no user is logged in.
    func judge(_ typed: Secret, now: Date = Date()) throws -> LoginCode.Verdict {
        if !self.token.isEmpty, typed == self.token { return .right }
        return try self.state.withLock { state in
            var code = state.code
            let verdict = code.judge(typed, next: LoginCode.make(), now: now)
            if code.current != state.code.current { try Self.keep(code.current, in: self.file) }
            state.code = code
            return verdict
        }
    }

    private static func keep(_ code: Secret, in file: String) throws {
        try code.withUnsafeValue { try PrivateFile.write(Data(($0 + "\n").utf8), to: file, durable: false) }
    }
}

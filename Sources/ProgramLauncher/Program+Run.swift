//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import ExactText
internal import Subprocess

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

extension Program {
    /// Runs the program to its end and returns what it wrote.
    ///
    /// Cancelling the task ends the program and all that it has started.
    ///
    /// - Parameters:
    ///   - limit: How much of each output is taken.
    ///   - combined: Whether what it writes to standard error is part of the output, in the order of writing.
    /// - Throws: ``ProgramError``, `CancellationError`.
    package func collectingOutput(
        _ limit: OutputLimit = .refuse(beyond: 1 << 20), combined: Bool = false
    ) async throws -> Outcome {
        try await self.withinTimeLimit {
            switch self.input {
            case .none: try await self.collect(.none, limit, combined: combined)
            case .bytes(let bytes): try await self.collect(ClosingInput(bytes: bytes), limit, combined: combined)
            }
        }
    }

    /// Runs the program to its end, and calls `line` for each line that it writes, on either of its outputs.
    ///
    /// Cancelling the task ends the program and all that it has started. Lines come without their ends; one of more than
    /// 128 KiB comes in pieces.
    ///
    /// - Throws: ``ProgramError``, `CancellationError`.
    package func streamingLines(_ line: @escaping @Sendable (String) -> Void) async throws -> ProgramStatus {
        try await self.withinTimeLimit {
            switch self.input {
            case .none: try await self.stream(.none, line)
            case .bytes(let bytes): try await self.stream(ClosingInput(bytes: bytes), line)
            }
        }
    }

    // MARK: Running

    private func collect(
        _ input: some InputProtocol, _ limit: OutputLimit, combined: Bool
    ) async throws -> Outcome {
        let name = self.name
        if combined {
            let result = try await Subprocess.run(
                self.configuration, input: input, output: .sequence, error: .combinedWithOutput
            ) { execution in
                try await Self.endingAll(of: execution.processIdentifier.value) {
                    try await Self.bytes(of: execution.standardOutput, of: name, limit)
                }
            }
            return Outcome(status: .init(result.terminationStatus), output: result.closureResult, errors: [])
        }
        let result = try await Subprocess.run(
            self.configuration, input: input, output: .sequence, error: .sequence
        ) { execution in
            try await Self.endingAll(of: execution.processIdentifier.value) {
                let (outputs, errors) = (execution.standardOutput, execution.standardError)
                async let written = Self.bytes(of: errors, of: name, limit)
                let output = try await Self.bytes(of: outputs, of: name, limit)
                return (output: output, errors: try await written)
            }
        }
        return Outcome(
            status: .init(result.terminationStatus), output: result.closureResult.output,
            errors: result.closureResult.errors)
    }

    private func stream(
        _ input: some InputProtocol, _ line: @escaping @Sendable (String) -> Void
    ) async throws -> ProgramStatus {
        let result = try await Subprocess.run(
            self.configuration, input: input, output: .sequence, error: .combinedWithOutput
        ) { execution in
            try await Self.endingAll(of: execution.processIdentifier.value) {
                var lines = LineSplitter(limit: 128 << 10)
                for try await buffer in execution.standardOutput {
                    buffer.withUnsafeBytes { lines.append($0, line) }
                }
                lines.finish(line)
            }
        }
        return .init(result.terminationStatus)
    }

    private static func bytes(
        of sequence: SubprocessOutputSequence, of program: String, _ limit: OutputLimit
    ) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await buffer in sequence {
            switch limit {
            case .keep(let first):
                let room = max(0, first - bytes.count)
                buffer.withUnsafeBytes { bytes.append(contentsOf: $0.prefix(room)) }
            case .refuse(let most):
                guard buffer.count <= most - bytes.count else {
                    throw ProgramError.tooMuchOutput(program: program, limit: most)
                }
                buffer.withUnsafeBytes { bytes.append(contentsOf: $0) }
            }
        }
        return bytes
    }

    /// Kills what is left of the program's process group when `body` fails or the task is cancelled.
    ///
    /// Subprocess stops signalling once the program itself has ended, and what that had started may ignore SIGTERM. The program
    /// is not reaped before `body` has returned, so its number is not yet another group's.
    private static func endingAll<Result: Sendable>(
        of process: pid_t, _ body: () async throws -> Result
    ) async throws -> Result {
        do {
            let result = try await body()
            if Task.isCancelled { kill(-process, SIGKILL) }
            return result
        } catch {
            kill(-process, SIGKILL)
            throw error
        }
    }

    // MARK: Time

    private func withinTimeLimit<Result: Sendable>(
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try Task.checkCancellation()
        let result: Result = try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await self.translatingErrors(body) }
            if let timeLimit {
                // A longer sleep overflows the clock.
                group.addTask {
                    try await Task.sleep(for: min(timeLimit, .seconds(36_525 * 86_400)))
                    return nil
                }
            }
            defer { group.cancelAll() }
            while let first = try await group.next() {
                if let first { return first }
                group.cancelAll()
                while await group.nextResult() != nil {}
                try Task.checkCancellation()
                throw ProgramError.timedOut(program: self.name, limit: timeLimit ?? .zero)
            }
            throw CancellationError()
        }
        try Task.checkCancellation()
        return result
    }

    private func translatingErrors<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as SubprocessError {
            // What was being written or read is an error then.
            try Task.checkCancellation()
            switch error.code {
            case .executableNotFound: throw ProgramError.notFound(program: self.name)
            case .failedToChangeWorkingDirectory:
                throw ProgramError.workingFolder(self.workingFolder ?? ".", program: self.name)
            default:
                throw ProgramError.notStarted(program: self.name, reason: "\(error)")
            }
        }
    }

    // MARK: Configuration

    private var configuration: Configuration {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: self.grace)
        ]
        let variables: Subprocess.Environment
        switch self.environment {
        case .inherited(let changes):
            var updates: [Subprocess.Environment.Key: String?] = [:]
            for (name, value) in changes {
                if let key = Subprocess.Environment.Key(rawValue: name) { updates.updateValue(value, forKey: key) }
            }
            variables = .inherit.updating(updates)
        case .exactly(let values):
            var settings: [Subprocess.Environment.Key: String] = [:]
            for (name, value) in values {
                if let key = Subprocess.Environment.Key(rawValue: name) { settings[key] = value }
            }
            variables = .custom(settings)
        }
        return Configuration(
            executable: self.name.utf8.contains(UInt8(ascii: "/")) ? .path(Self.path(self.name)) : .name(self.name),
            arguments: Arguments(self.arguments), environment: variables,
            workingDirectory: self.workingFolder.map { Self.path($0) }, platformOptions: options)
    }

    /// A `FilePath`, whose module is not imported: this is all that is needed of it.
    private static func path<Path: ExpressibleByStringLiteral>(_ text: String) -> Path
    where Path.StringLiteralType == String { Path(stringLiteral: text) }
}

extension ProgramStatus {
    init(_ status: TerminationStatus) {
        switch status {
        case .exited(let code): self = .exited(code)
        case .signaled(let signal): self = .signalled(signal)
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Lakebase
import Logging

/// The facts that the steps have found so far, for the steps that follow.
actor DiagnosticContext {
    let environment: [String: String]
    let options: Doctor.Options
    let transport: any HTTPTransport
    let logger: Logger

    private(set) var plan = DoctorPlan(nil)
    private(set) var description: LakebaseConfigurationDescription?
    var configuration: LakebaseConfiguration?
    var workspace: WorkspaceClient?
    /// Finds the target, mints and logs in exactly as an application does.
    var opener: ConnectionOpener?
    /// The addresses of the host; the first that accepts a connection is put first.
    var sockets: [ServerSocket] = []
    var identity: String?
    var scope: TargetResolver.CredentialScope?
    var place: PlaceCheck?
    var role: LoginDiagnosis.Role?
    var connection: PQConnection?
    /// The schemas that names are looked up in and that the role may use.
    var schemas: [String] = []

    init(
        environment: [String: String], options: Doctor.Options, transport: any HTTPTransport, logger: Logger
    ) {
        self.environment = environment
        self.options = options
        self.transport = transport
        self.logger = logger
    }

    func examine(_ step: DoctorStep) async -> CheckResult {
        if step == .configuration { return await self.configure() }
        guard let configuration else { return .blocked(by: .configuration, "there is no configuration to check") }
        let finding: CheckResult
        switch step {
        case .configuration: return await self.configure()
        case .dns: finding = await self.resolve(configuration)
        case .tcp: finding = await self.reach(configuration)
        case .tls: finding = await self.negotiate(configuration)
        case .clock: finding = await self.compareClocks(configuration)
        case .workspace: finding = await self.signIn(configuration)
        case .endpoint: finding = await self.look(configuration)
        case .host: finding = self.belong(configuration)
        case .credential: finding = await self.mint(configuration)
        case .role: finding = await self.lookUpRole(configuration)
        case .login: finding = await self.logIn(configuration)
        case .schema: finding = await self.lookIntoSchema(configuration)
        case .privileges: finding = await self.readPrivileges()
        case .connections: finding = await self.countConnections(configuration)
        }
        return self.filled(finding, configuration)
    }

    func end() async {
        await self.connection?.close()
        self.connection = nil
    }

    // MARK: Configuration

    private func configure() async -> CheckResult {
        let environment: [String: String]
        do {
            environment = try await self.options.overrides.settled(over: self.environment, logger: self.logger)
        } catch {
            return self.finding(error, .workspaceUnreachable)
        }
        do {
            var configuration = try LakebaseConfiguration.fromEnvironment(environment, prefix: self.options.prefix)
            self.options.overrides.apply(to: &configuration)
            self.description = configuration.describe()
            // The whole is to end within a minute, whatever an application may wait for.
            configuration.pool.wakeTimeout = min(configuration.pool.wakeTimeout, .seconds(25))
            configuration.pool.connectTimeout = min(configuration.pool.connectTimeout, .seconds(10))
            let policy = RetryPolicy(totalLimit: .seconds(10), attemptLimit: .seconds(8), maximumAttempts: 2)
            self.workspace = configuration.workspace.map {
                WorkspaceClient(configuration: $0, transport: self.transport, retryPolicy: policy, logger: self.logger)
            }
            self.opener = try ConnectionOpener(
                configuration: configuration, workspace: self.workspace, logger: self.logger)
            self.configuration = configuration
            self.plan = DoctorPlan(configuration)
            return .ok(self.summary(configuration))
        } catch {
            return .problem(
                .failure, .configurationInvalid, "the configuration is invalid",
                evidence: error.problems.map { "\($0.setting) \($0.message): \($0.remedy)" },
                remedy: "change the settings that are named")
        }
    }

    private func summary(_ configuration: LakebaseConfiguration) -> String {
        switch configuration.target {
        case .autoscaling(let endpoint?, _): "the endpoint \(endpoint)"
        case .autoscaling(nil, let host): "an endpoint whose host is \(host ?? "not known")"
        case .provisioned(let instance?, _): "the instance \(instance)"
        case .provisioned(nil, let host): "an instance whose host is \(host ?? "not known")"
        case .postgres where configuration.isUnconfigured:
            "nothing is configured: the PostgreSQL of this machine"
        case .postgres(let host, _): "a PostgreSQL with a password of its own, or none, at \(host)"
        }
    }

    // MARK: Findings

    /// Replaces the placeholders in the catalogue's command by the names of this case.
    private func filled(_ finding: CheckResult, _ configuration: LakebaseConfiguration) -> CheckResult {
        guard var command = finding.command else { return finding }
        let names = [
            "ENDPOINT": self.scope?.endpointName ?? configuration.endpointName, "HOST": self.host,
            "PORT": String(configuration.port), "BRANCH": self.scope?.endpointName.flatMap(Self.branch),
        ]
        for (word, name) in names {
            // A word that a shell would change is not inserted.
            guard let name, name.allSatisfy({ $0.isLetter || $0.isNumber || "._:-/@%".contains($0) }) else { continue }
            command = Self.replaceWord(word, with: name, in: command)
        }
        var finding = finding
        finding.command = command
        return finding
    }

    private static func replaceWord(_ word: String, with name: String, in text: String) -> String {
        var result = ""
        var rest = text[...]
        while let range = rest.firstRange(of: word) {
            let before = rest[..<range.lowerBound].last ?? result.last
            let after = rest[range.upperBound...].first
            let isWord = ![before, after].contains { $0.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false }
            result += rest[..<range.lowerBound] + (isWord ? name : word)
            rest = rest[range.upperBound...]
        }
        return result + rest
    }

    private static func branch(_ endpoint: String) -> String? {
        let parts = endpoint.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == 6 ? parts.prefix(4).joined(separator: "/") : nil
    }

    /// The result for an error of any layer.
    nonisolated func finding(_ error: any Error, _ otherwise: LakebaseProblem) -> CheckResult {
        if let error = error as? LakebaseError {
            if let explanation = error.explanation { return .explained(explanation) }
            return .problem(.failure, error.problem, error.message, remedy: error.remedy)
        }
        if let error = error as? DatabricksError {
            let request = error.requestID.map { ["the workspace's id of the request is \($0)"] } ?? []
            return .problem(.failure, .ofWorkspace(error), error.message, evidence: request)
        }
        let problem = LakebaseProblem.of(error) ?? otherwise
        return .problem(.failure, problem, (error as? PQError)?.message ?? "\(error)")
    }

    // MARK: The host

    /// Nil until it is looked up.
    var host: String? {
        switch self.configuration?.target {
        case .autoscaling(_, let host), .provisioned(_, let host): host ?? self.place?.hosts.first
        case .postgres(let host, _): host
        case nil: nil
        }
    }
}

extension LakebaseConfiguration {
    var endpointName: String? {
        if case .autoscaling(let endpoint, _) = self.target { endpoint } else { nil }
    }

    var configuredHost: String? {
        switch self.target {
        case .autoscaling(_, let host), .provisioned(_, let host): host
        case .postgres(let host, _): host
        }
    }
}

extension TargetResolver.CredentialScope {
    var endpointName: String? {
        if case .endpoint(let name) = self { name } else { nil }
    }
}

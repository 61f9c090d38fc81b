//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension Apps {
    /// A program that Databricks runs, with an identity of its own.
    ///
    /// Sent are the fields up to `telemetryExportDestinations`; the others are only answered.
    public struct App: Codable, Hashable, Sendable {
        /// Its unique name: lowercase letters, digits and hyphens.
        public var name: String
        /// The description.
        public var description: String?
        /// The resources that its identity may access.
        public var resources: [Resource]?
        /// The API scopes that it may use on behalf of its users.
        public var userAPIScopes: [String]?
        /// The size of its compute.
        public var computeSize: ComputeSize?
        /// The minimum number of instances.
        ///
        /// Only together with the most.
        @Wire<IntegerCoding> public var computeMinInstances: Int64?
        /// The maximum number of instances.
        ///
        /// Only together with the least.
        @Wire<IntegerCoding> public var computeMaxInstances: Int64?
        /// The budget policy.
        public var budgetPolicyID: String?
        /// The usage policy.
        public var usagePolicyID: String?
        /// The Git repository of its source.
        public var gitRepository: GitRepository?
        /// The source, when it comes from a repository.
        public var gitSource: GitSource?
        /// The source, as a folder of the workspace.
        public var sourceCodePath: String?
        /// Whether requests carry a token of the user.
        ///
        /// The service answers true whatever was sent.
        public var forwardUserAccessToken: Bool?
        /// The space it belongs to.
        public var space: String?
        /// The destinations of its telemetry.
        public var telemetryExportDestinations: [TelemetryExportDestination]?
        /// An id given by the service.
        public var id: String?
        /// The address at which it answers.
        public var url: String?
        /// The e-mail address of its creator.
        public var creator: String?
        /// The time of its creation.
        @Wire<TimestampCoding> public var createTime: Date?
        /// The e-mail address of the user who last changed it.
        public var updater: String?
        /// The time of its last change.
        @Wire<TimestampCoding> public var updateTime: Date?
        /// The status of its process.
        public var appStatus: ApplicationStatus?
        /// The status of its compute.
        public var computeStatus: ComputeStatus?
        /// The deployment that runs.
        public var activeDeployment: Deployment?
        /// The deployment that is about to run.
        public var pendingDeployment: Deployment?
        /// The folder of a deployment that names none.
        public var defaultSourceCodePath: String?
        /// The repository of a deployment that names none.
        public var defaultGitSource: GitSource?
        /// The budget policy in effect.
        public var effectiveBudgetPolicyID: String?
        /// The usage policy in effect.
        public var effectiveUsagePolicyID: String?
        /// The API scopes that it may use on behalf of its users, defaults included.
        public var effectiveUserAPIScopes: [String]?
        /// The client id of its sign-in page.
        public var oauth2AppClientID: String?
        /// The integration behind its sign-in page.
        public var oauth2AppIntegrationID: String?
        /// The number of its service principal.
        @Wire<IntegerCoding> public var servicePrincipalID: Int64?
        /// The client id of its service principal, a UUID.
        ///
        /// Also the name of its role in Lakebase and the `PGUSER` of its process.
        public var servicePrincipalClientID: String?
        /// The name of its service principal.
        public var servicePrincipalName: String?
        /// The address of its thumbnail picture.
        public var thumbnailURL: String?

        /// Creates a value from its fields.
        public init(
            name: String,
            description: String? = nil,
            resources: [Resource]? = nil,
            userAPIScopes: [String]? = nil,
            computeSize: ComputeSize? = nil,
            computeMinInstances: Int64? = nil,
            computeMaxInstances: Int64? = nil,
            budgetPolicyID: String? = nil,
            usagePolicyID: String? = nil,
            gitRepository: GitRepository? = nil,
            gitSource: GitSource? = nil,
            sourceCodePath: String? = nil,
            forwardUserAccessToken: Bool? = nil,
            space: String? = nil,
            telemetryExportDestinations: [TelemetryExportDestination]? = nil,
            id: String? = nil,
            url: String? = nil,
            creator: String? = nil,
            createTime: Date? = nil,
            updater: String? = nil,
            updateTime: Date? = nil,
            appStatus: ApplicationStatus? = nil,
            computeStatus: ComputeStatus? = nil,
            activeDeployment: Deployment? = nil,
            pendingDeployment: Deployment? = nil,
            defaultSourceCodePath: String? = nil,
            defaultGitSource: GitSource? = nil,
            effectiveBudgetPolicyID: String? = nil,
            effectiveUsagePolicyID: String? = nil,
            effectiveUserAPIScopes: [String]? = nil,
            oauth2AppClientID: String? = nil,
            oauth2AppIntegrationID: String? = nil,
            servicePrincipalID: Int64? = nil,
            servicePrincipalClientID: String? = nil,
            servicePrincipalName: String? = nil,
            thumbnailURL: String? = nil
        ) {
            self.name = name
            self.description = description
            self.resources = resources
            self.userAPIScopes = userAPIScopes
            self.computeSize = computeSize
            self.computeMinInstances = computeMinInstances
            self.computeMaxInstances = computeMaxInstances
            self.budgetPolicyID = budgetPolicyID
            self.usagePolicyID = usagePolicyID
            self.gitRepository = gitRepository
            self.gitSource = gitSource
            self.sourceCodePath = sourceCodePath
            self.forwardUserAccessToken = forwardUserAccessToken
            self.space = space
            self.telemetryExportDestinations = telemetryExportDestinations
            self.id = id
            self.url = url
            self.creator = creator
            self.createTime = createTime
            self.updater = updater
            self.updateTime = updateTime
            self.appStatus = appStatus
            self.computeStatus = computeStatus
            self.activeDeployment = activeDeployment
            self.pendingDeployment = pendingDeployment
            self.defaultSourceCodePath = defaultSourceCodePath
            self.defaultGitSource = defaultGitSource
            self.effectiveBudgetPolicyID = effectiveBudgetPolicyID
            self.effectiveUsagePolicyID = effectiveUsagePolicyID
            self.effectiveUserAPIScopes = effectiveUserAPIScopes
            self.oauth2AppClientID = oauth2AppClientID
            self.oauth2AppIntegrationID = oauth2AppIntegrationID
            self.servicePrincipalID = servicePrincipalID
            self.servicePrincipalClientID = servicePrincipalClientID
            self.servicePrincipalName = servicePrincipalName
            self.thumbnailURL = thumbnailURL
        }

        private enum CodingKeys: String, CodingKey {
            case name
            case description
            case resources
            case userAPIScopes = "user_api_scopes"
            case computeSize = "compute_size"
            case computeMinInstances = "compute_min_instances"
            case computeMaxInstances = "compute_max_instances"
            case budgetPolicyID = "budget_policy_id"
            case usagePolicyID = "usage_policy_id"
            case gitRepository = "git_repository"
            case gitSource = "git_source"
            case sourceCodePath = "source_code_path"
            case forwardUserAccessToken = "forward_user_access_token"
            case space
            case telemetryExportDestinations = "telemetry_export_destinations"
            case id
            case url
            case creator
            case createTime = "create_time"
            case updater
            case updateTime = "update_time"
            case appStatus = "app_status"
            case computeStatus = "compute_status"
            case activeDeployment = "active_deployment"
            case pendingDeployment = "pending_deployment"
            case defaultSourceCodePath = "default_source_code_path"
            case defaultGitSource = "default_git_source"
            case effectiveBudgetPolicyID = "effective_budget_policy_id"
            case effectiveUsagePolicyID = "effective_usage_policy_id"
            case effectiveUserAPIScopes = "effective_user_api_scopes"
            case oauth2AppClientID = "oauth2_app_client_id"
            case oauth2AppIntegrationID = "oauth2_app_integration_id"
            case servicePrincipalID = "service_principal_id"
            case servicePrincipalClientID = "service_principal_client_id"
            case servicePrincipalName = "service_principal_name"
            case thumbnailURL = "thumbnail_url"
        }
    }
}

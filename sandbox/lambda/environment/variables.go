package environment

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// runtimeVariables is the whole environment of a runtime process ("KEY=value"), sorted. Nothing of the sandbox's own
// environment is passed on. Source: "Defined runtime environment variables" in the AWS Lambda Developer Guide.
func runtimeVariables(spec Spec, runtimeAPI string) []string {
	return join(variables(spec, runtimeAPI))
}

// extensionVariables leaves out what AWS hides from extensions.
func extensionVariables(spec Spec, runtimeAPI string) []string {
	vars := variables(spec, runtimeAPI)
	for _, hidden := range []string{
		"AWS_EXECUTION_ENV", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_XRAY_CONTEXT_MISSING",
		"LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT", "_HANDLER",
	} {
		delete(vars, hidden)
	}
	return join(vars)
}

func variables(spec Spec, runtimeAPI string) map[string]string {
	vars := map[string]string{
		"AWS_ACCESS_KEY_ID":               "sandbox",
		"AWS_DEFAULT_REGION":              spec.Region,
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(spec.MemoryMB),
		"AWS_LAMBDA_FUNCTION_NAME":        spec.FunctionName,
		"AWS_LAMBDA_FUNCTION_VERSION":     spec.FunctionVersion,
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME":       spec.LogGroup,
		"AWS_LAMBDA_LOG_STREAM_NAME":      spec.LogStream,
		"AWS_LAMBDA_RUNTIME_API":          runtimeAPI,
		"AWS_REGION":                      spec.Region,
		"AWS_SECRET_ACCESS_KEY":           "sandbox",
		"AWS_SESSION_TOKEN":               "sandbox",
		"AWS_XRAY_CONTEXT_MISSING":        "LOG_ERROR",
		"LAMBDA_RUNTIME_DIR":              "/var/runtime",
		"LAMBDA_TASK_ROOT":                spec.TaskRoot,
		"LANG":                            "en_US.UTF-8",
		"PATH":                            "/usr/local/bin:/usr/bin:/bin",
		"TMPDIR":                          spec.TempDir,
		"TZ":                              ":UTC",
		"_HANDLER":                        spec.Handler,
	}
	if spec.EndpointURL != "" {
		vars["AWS_ENDPOINT_URL"] = spec.EndpointURL
	}
	if !strings.HasPrefix(spec.Runtime, "provided") { // AWS does not set it for OS-only runtimes
		vars["AWS_EXECUTION_ENV"] = "AWS_Lambda_" + spec.Runtime
	}
	maps.Copy(vars, spec.Defaults)
	maps.Copy(vars, spec.Variables)
	return vars
}

func join(vars map[string]string) []string {
	joined := make([]string, 0, len(vars))
	for name, value := range vars {
		joined = append(joined, name+"="+value)
	}
	slices.Sort(joined)
	return joined
}

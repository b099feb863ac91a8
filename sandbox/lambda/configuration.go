package lambda

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// configuration is FunctionConfiguration as the API has it.
type configuration struct {
	FunctionName     string            `json:"FunctionName"`
	FunctionArn      string            `json:"FunctionArn"`
	Runtime          string            `json:"Runtime"`
	Role             string            `json:"Role"`
	Handler          string            `json:"Handler"`
	CodeSize         int64             `json:"CodeSize"`
	CodeSha256       string            `json:"CodeSha256"`
	Description      string            `json:"Description"`
	Timeout          int               `json:"Timeout"`    // seconds
	MemorySize       int               `json:"MemorySize"` // MiB
	LastModified     string            `json:"LastModified"`
	Version          string            `json:"Version"`
	Environment      *variables        `json:"Environment,omitempty"`
	TracingConfig    tracingConfig     `json:"TracingConfig"`
	RevisionID       string            `json:"RevisionId"`
	State            string            `json:"State"`
	LastUpdateStatus string            `json:"LastUpdateStatus"`
	PackageType      string            `json:"PackageType"`
	Architectures    []string          `json:"Architectures"`
	EphemeralStorage ephemeralStorage  `json:"EphemeralStorage"`
	LoggingConfig    map[string]string `json:"LoggingConfig"`
	Layers           []usedLayer       `json:"Layers,omitempty"`

	layers []*layerVersion // of Layers
}

type variables struct {
	Variables map[string]string `json:"Variables"`
}

type tracingConfig struct {
	Mode string `json:"Mode"`
}

type ephemeralStorage struct {
	Size int `json:"Size"` // MiB
}

// settings are the members that CreateFunction and UpdateFunctionConfiguration share; nil leaves a value as it is.
type settings struct {
	Runtime          *string           `json:"Runtime"`
	Role             *string           `json:"Role"`
	Handler          *string           `json:"Handler"`
	Description      *string           `json:"Description"`
	Timeout          *int              `json:"Timeout"`
	MemorySize       *int              `json:"MemorySize"`
	Environment      *variables        `json:"Environment"`
	TracingConfig    *tracingConfig    `json:"TracingConfig"`
	EphemeralStorage *ephemeralStorage `json:"EphemeralStorage"`
	Layers           *[]string         `json:"Layers"` // ARNs; withLayers applies them

	unsupported
}

// unsupported are the members that would change what a function does, and that the sandbox does not have.
type unsupported struct {
	FileSystemConfigs []struct{ Arn string }     `json:"FileSystemConfigs"`
	DeadLetterConfig  struct{ TargetArn string } `json:"DeadLetterConfig"`
}

func (u unsupported) check() error {
	switch {
	case len(u.FileSystemConfigs) > 0:
		return invalidParameter("The sandbox does not support FileSystemConfigs.")
	case u.DeadLetterConfig.TargetArn != "":
		return invalidParameter("The sandbox does not support DeadLetterConfig.")
	}
	return nil
}

// apply is config with the settings in it, checked. The managed runtimes are those of the sandbox's host.
func (in settings) apply(config configuration, managed map[string]string) (configuration, error) {
	if err := in.check(); err != nil {
		return config, err
	}
	set(&config.Runtime, in.Runtime)
	set(&config.Role, in.Role)
	set(&config.Handler, in.Handler)
	set(&config.Description, in.Description)
	set(&config.Timeout, in.Timeout)
	set(&config.MemorySize, in.MemorySize)
	set(&config.TracingConfig, in.TracingConfig)
	set(&config.EphemeralStorage, in.EphemeralStorage)
	if in.Environment != nil {
		config.Environment = in.Environment
	}
	return config, config.check(managed)
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// touched is config with a new revision.
func (c configuration) touched(now time.Time) configuration {
	c.LastModified = now.UTC().Format("2006-01-02T15:04:05.000-0700")
	c.RevisionID = uuid.NewString()
	return c
}

var (
	rolePattern     = regexp.MustCompile(`^arn:aws[a-zA-Z-]*:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+$`)
	handlerPattern  = regexp.MustCompile(`^[^\s]{1,128}$`)
	variablePattern = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9_]+$`)
	runtimes        = []string{"provided.al2023", "provided.al2", "provided", "go1.x"}
)

func (c configuration) check(managed map[string]string) error {
	switch {
	case !slices.Contains(runtimes, c.Runtime) && managed[c.Runtime] == "":
		return invalidParameter("The sandbox runs executables only: Runtime has to be one of %s, not %q.",
			strings.Join(runtimes, ", "), c.Runtime)
	case !rolePattern.MatchString(c.Role):
		return invalid("role", c.Role)
	case !handlerPattern.MatchString(c.Handler):
		return invalid("handler", c.Handler)
	case c.Timeout < 1 || c.Timeout > 900:
		return invalidParameter("Timeout has to be between 1 and 900 seconds, not %d.", c.Timeout)
	case c.MemorySize < 128 || c.MemorySize > 10240:
		return invalidParameter("MemorySize has to be between 128 and 10240 MB, not %d.", c.MemorySize)
	case len(c.Description) > 256:
		return invalid("description", c.Description)
	}
	return checkVariables(c.Environment)
}

// reserved variables, by the list in the AWS Lambda Developer Guide.
var reserved = []string{
	"_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
	"AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
	"AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
	"AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_RUNTIME_API",
	"LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
}

func checkVariables(env *variables) error {
	if env == nil {
		return nil
	}
	size := 0
	for name, value := range env.Variables {
		if !variablePattern.MatchString(name) || strings.ContainsRune(value, 0) {
			return invalid("environment.variables", name)
		}
		if slices.Contains(reserved, name) {
			return invalidParameter("Lambda was unable to configure your environment variables because the environment "+
				"variables you have provided contains reserved keys that are currently not supported for modification. "+
				"Reserved keys used in this request: %s", name)
		}
		size += len(name) + len(value)
	}
	if size > 4<<10 {
		return invalidParameter("Lambda was unable to configure your environment variables because the environment " +
			"variables you have provided exceeded the 4KB limit.")
	}
	return nil
}

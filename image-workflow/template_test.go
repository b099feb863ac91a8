package imageworkflow_test

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox"
)

func TestTemplatePassesCfnLint(t *testing.T) {
	t.Parallel()
	out, err := exec.Command(tool(t, "cfn-lint"), "template.yaml").CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// The template as `aws cloudformation package` uploads and rewrites it.
func TestTemplateIsPackagedByTheAWSCLI(t *testing.T) {
	t.Parallel()
	cli := tool(t, "aws")
	project, bucket := projectCopy(t), "deployment"
	url := artifactBucket(t, bucket)
	packaged := filepath.Join(project, "packaged.json")
	command := exec.Command(cli, "cloudformation", "package", "--s3-bucket", bucket, "--use-json",
		"--template-file", filepath.Join(project, "image-workflow", "template.yaml"), "--output-template-file", packaged)
	command.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+url, "AWS_ACCESS_KEY_ID=AKID",
		"AWS_SECRET_ACCESS_KEY=secret", "AWS_DEFAULT_REGION=eu-west-1")
	out, err := command.CombinedOutput()
	require.NoError(t, err, "%s", out)

	resources := resourcesOf(t, packaged)
	for _, function := range []string{"MetadataFunction", "RekognitionFunction"} {
		require.Contains(t, string(resources[function]["CodeUri"]), "s3://"+bucket+"/")
	}
	require.Contains(t, string(resources["ImageWorkflow"]["DefinitionUri"]), `"Bucket": "`+bucket+`"`)
	var substitutions map[string]any
	require.NoError(t, json.Unmarshal(resources["ImageWorkflow"]["DefinitionSubstitutions"], &substitutions))
	require.ElementsMatch(t, placeholders(t), slices.Collect(maps.Keys(substitutions)),
		"every placeholder is replaced, and no other")
}

// tool is the path of a program that checks independently of this repository, where it is installed.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed", name)
	}
	return path
}

// projectCopy has what template.yaml refers to, at the same places.
func projectCopy(t *testing.T) string {
	t.Helper()
	project := t.TempDir()
	for _, name := range []string{"template.yaml", "statemachine.asl.json"} {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		write(t, filepath.Join(project, "image-workflow", name), text)
	}
	for _, function := range []string{"metadata", "rekognition"} {
		write(t, filepath.Join(project, "bin", "functions-arm64", function, "bootstrap"), []byte("binary of "+function))
	}
	return project
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, content, 0o755))
}

func artifactBucket(t *testing.T, bucket string) (url string) {
	t.Helper()
	cfg := startSandbox(t, sandbox.Config{})
	client := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	_, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &bucket})
	require.NoError(t, err)
	return aws.ToString(cfg.BaseEndpoint)
}

func resourcesOf(t *testing.T, template string) map[string]map[string]json.RawMessage {
	t.Helper()
	text, err := os.ReadFile(template)
	require.NoError(t, err)
	var packaged struct {
		Resources map[string]struct{ Properties map[string]json.RawMessage }
	}
	require.NoError(t, json.Unmarshal(text, &packaged))
	resources := map[string]map[string]json.RawMessage{}
	for name, resource := range packaged.Resources {
		resources[name] = resource.Properties
	}
	return resources
}

// placeholders are the names in ${…} of the state machine's definition.
func placeholders(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("statemachine.asl.json")
	require.NoError(t, err)
	matches := regexp.MustCompile(`\$\{(\w+)\}`).FindAllStringSubmatch(string(text), -1)
	names := make([]string, len(matches))
	for i, match := range matches {
		names[i] = match[1]
	}
	return names
}

package stepfunctionsreceiver_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/steptrace/steptrace/collector/stepfunctionsreceiver"
)

// account is an AWS account behind STS: it answers AssumeRole and notes who then asks for state machines, and where.
type account struct {
	mu      sync.Mutex
	assumed []string
	asked   map[string]bool // access key and region
}

const assumedRole = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
	<AccessKeyId>ASSUMED</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>
	<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`

func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if r.Header.Get("X-Amz-Target") == "" {
		_ = r.ParseForm()
		a.assumed = append(a.assumed, r.Form.Get("RoleArn")+" "+r.Form.Get("ExternalId"))
		w.Header().Set("Content-Type", "text/xml")
		_, _ = w.Write([]byte(assumedRole))
		return
	}
	// Credential=KEY/DATE/REGION/states/aws4_request
	_, scope, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	parts := strings.Split(scope, "/")
	a.asked[parts[0]+" "+parts[2]] = true
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	_, _ = w.Write([]byte(`{"stateMachines":[]}`))
}

func (a *account) askedBy() map[string]bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	asked := make(map[string]bool)
	for who := range a.asked {
		asked[who] = true
	}
	return asked
}

func TestEachAccountAndRegionIsFollowedByItsRole(t *testing.T) {
	_, _, cfg := setUp(t)
	a := &account{asked: make(map[string]bool)}
	web := httptest.NewServer(a)
	t.Cleanup(web.Close)
	t.Setenv("AWS_ENDPOINT_URL", web.URL)
	cfg.Accounts = []stepfunctionsreceiver.AccountConfig{
		{},
		{RoleARN: "arn:aws:iam::210987654321:role/steptrace", ExternalID: "x", Regions: []string{"us-east-1", "us-west-2"}},
	}
	require.NoError(t, cfg.Validate())
	factory := stepfunctionsreceiver.NewFactory()
	r, err := factory.CreateLogs(t.Context(), receivertest.NewNopSettings(factory.Type()), cfg, consumertest.NewNop())
	require.NoError(t, err)
	require.NoError(t, r.Start(t.Context(), componenttest.NewNopHost()))
	require.Eventually(t, func() bool { return len(a.askedBy()) == 3 }, 5*time.Second, time.Millisecond)
	require.NoError(t, r.Shutdown(t.Context()))
	require.Equal(t, map[string]bool{"test eu-west-1": true, "ASSUMED us-east-1": true, "ASSUMED us-west-2": true}, a.askedBy())
	require.Equal(t, "arn:aws:iam::210987654321:role/steptrace x", a.assumed[0])
	files, err := filepath.Glob(filepath.Join(filepath.Dir(cfg.Checkpoint), "*"))
	require.NoError(t, err)
	for i := range files {
		files[i] = filepath.Base(files[i])
	}
	require.Equal(t, []string{
		"checkpoint-210987654321-us-east-1.json", "checkpoint-210987654321-us-west-2.json", "checkpoint-eu-west-1.json",
	}, files)
}

// Command bare is a Lambda function with the image workflow's SDK clients and no tracing.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/steptrace/steptrace/cmd/bench/function/workload"
)

func main() {
	workload.MakeClients(workload.LoadConfig())
	lambda.Start(workload.Handle)
}

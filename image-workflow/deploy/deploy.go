// Package deploy puts the reference workflow into an AWS endpoint through the AWS SDK: table, bucket, functions, state
// machine and the rule that starts it. It is for the sandbox; a real account uses template.yaml, which also has roles.
package deploy

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventbridgetypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"golang.org/x/sync/errgroup"

	imageworkflow "github.com/steptrace/steptrace/image-workflow"
)

// Names of what is deployed.
const (
	Bucket              = "image-workflow-uploads"
	Table               = "image-workflow"
	MetadataFunction    = "image-workflow-metadata"
	RekognitionFunction = "image-workflow-rekognition"
	StateMachine        = "image-workflow"
	Rule                = "image-workflow-upload"
)

// Input says where the functions' binaries are and what they need to know.
type Input struct {
	// MetadataBootstrap and RekognitionBootstrap are paths of built binaries.
	MetadataBootstrap, RekognitionBootstrap string
	// Environment is added to both functions' environment: OTEL_EXPORTER_OTLP_ENDPOINT and the like.
	Environment map[string]string
	// RoleARN is given to functions, state machine and rule; the sandbox does not check it.
	RoleARN string
}

// Output names what was made.
type Output struct {
	Bucket          string
	Table           string
	StateMachineARN string
}

// Deploy makes everything, in the order in which it depends on each other.
func Deploy(ctx context.Context, cfg aws.Config, in Input) (Output, error) {
	metadata, rekognition, err := createBackends(ctx, cfg, in)
	if err != nil {
		return Output{}, err
	}
	machine, err := createStateMachine(ctx, sfn.NewFromConfig(cfg), metadata, rekognition, in.RoleARN)
	if err != nil {
		return Output{}, fmt.Errorf("create state machine %s: %w", StateMachine, err)
	}
	if err := createRule(ctx, eventbridge.NewFromConfig(cfg), machine, in.RoleARN); err != nil {
		return Output{}, fmt.Errorf("create rule %s: %w", Rule, err)
	}
	if err := createBucket(ctx, s3.NewFromConfig(cfg), cfg.Region); err != nil {
		return Output{}, fmt.Errorf("create bucket %s: %w", Bucket, err)
	}
	return Output{Bucket: Bucket, Table: Table, StateMachineARN: machine}, nil
}

// createBackends makes the table and the functions at once and returns the functions' ARNs.
func createBackends(ctx context.Context, cfg aws.Config, in Input) (metadata, rekognition string, err error) {
	group, ctx := errgroup.WithContext(ctx)
	lambdas := lambda.NewFromConfig(cfg)
	function := func(name, bootstrap string, arn *string) func() error {
		return func() (err error) {
			if *arn, err = createFunction(ctx, lambdas, name, bootstrap, in); err != nil {
				return fmt.Errorf("create function %s: %w", name, err)
			}
			return nil
		}
	}
	group.Go(function(MetadataFunction, in.MetadataBootstrap, &metadata))
	group.Go(function(RekognitionFunction, in.RekognitionBootstrap, &rekognition))
	group.Go(func() error {
		if err := createTable(ctx, dynamodb.NewFromConfig(cfg)); err != nil {
			return fmt.Errorf("create table %s: %w", Table, err)
		}
		return nil
	})
	err = group.Wait()
	return metadata, rekognition, err
}

func createTable(ctx context.Context, client *dynamodb.Client) error {
	_, err := client.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName:   aws.String(Table),
		BillingMode: dynamodbtypes.BillingModePayPerRequest,
		AttributeDefinitions: []dynamodbtypes.AttributeDefinition{
			{AttributeName: aws.String("filename"), AttributeType: dynamodbtypes.ScalarAttributeTypeS},
		},
		KeySchema: []dynamodbtypes.KeySchemaElement{
			{AttributeName: aws.String("filename"), KeyType: dynamodbtypes.KeyTypeHash},
		},
	})
	return err
}

func createFunction(ctx context.Context, client *lambda.Client, name, bootstrap string, in Input) (string, error) {
	code, err := ZipBootstrap(bootstrap)
	if err != nil {
		return "", err
	}
	environment := map[string]string{"TABLE_NAME": Table}
	for k, v := range in.Environment {
		environment[k] = v
	}
	out, err := client.CreateFunction(ctx, &lambda.CreateFunctionInput{
		FunctionName: aws.String(name),
		Runtime:      lambdatypes.RuntimeProvidedal2023,
		Handler:      aws.String("bootstrap"),
		Role:         aws.String(in.RoleARN),
		Timeout:      aws.Int32(30),
		MemorySize:   aws.Int32(256),
		Code:         &lambdatypes.FunctionCode{ZipFile: code},
		Environment:  &lambdatypes.Environment{Variables: environment},
	})
	if err != nil {
		return "", err
	}
	waiter := lambda.NewFunctionActiveV2Waiter(client)
	if err := waiter.Wait(ctx, &lambda.GetFunctionInput{FunctionName: aws.String(name)}, time.Minute); err != nil {
		return "", err
	}
	return aws.ToString(out.FunctionArn), nil
}

func createStateMachine(ctx context.Context, client *sfn.Client, metadata, rekognition, role string) (string, error) {
	definition, err := imageworkflow.Definition(metadata, rekognition)
	if err != nil {
		return "", err
	}
	out, err := client.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{
		Name: aws.String(StateMachine), Definition: aws.String(definition), RoleArn: aws.String(role),
	})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.StateMachineArn), nil
}

func createRule(ctx context.Context, client *eventbridge.Client, machine, role string) error {
	pattern := fmt.Sprintf(
		`{"source":["aws.s3"],"detail-type":["Object Created"],"detail":{"bucket":{"name":[%q]}}}`, Bucket)
	_, err := client.PutRule(ctx, &eventbridge.PutRuleInput{
		Name: aws.String(Rule), EventPattern: aws.String(pattern), State: eventbridgetypes.RuleStateEnabled,
	})
	if err != nil {
		return err
	}
	out, err := client.PutTargets(ctx, &eventbridge.PutTargetsInput{
		Rule:    aws.String(Rule),
		Targets: []eventbridgetypes.Target{{Id: aws.String(StateMachine), Arn: &machine, RoleArn: &role}},
	})
	if err != nil {
		return err
	}
	if out.FailedEntryCount > 0 {
		return fmt.Errorf("target refused: %s", aws.ToString(out.FailedEntries[0].ErrorMessage))
	}
	return nil
}

func createBucket(ctx context.Context, client *s3.Client, region string) error {
	_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{
		Bucket: aws.String(Bucket),
		CreateBucketConfiguration: &s3types.CreateBucketConfiguration{
			LocationConstraint: s3types.BucketLocationConstraint(region),
		},
	})
	if err != nil {
		return err
	}
	_, err = client.PutBucketNotificationConfiguration(ctx, &s3.PutBucketNotificationConfigurationInput{
		Bucket: aws.String(Bucket),
		NotificationConfiguration: &s3types.NotificationConfiguration{
			EventBridgeConfiguration: &s3types.EventBridgeConfiguration{},
		},
	})
	return err
}

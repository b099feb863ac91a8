/** What an execution's ARN tells. */
export interface ExecutionArn {
  region: string;
  account: string;
  express: boolean;
  machine: string;
  machineArn: string;
  name: string;
}

const executionPattern = /^arn:([^:]+):states:([^:]+):([^:]+):(execution|express):([^:]+):([^:]+)(?::.+)?$/;

/** Reads `arn:aws:states:REGION:ACCOUNT:execution:MACHINE:NAME` and its kin; undefined for any other text. */
export function parseExecutionArn(arn: string): ExecutionArn | undefined {
  const found = executionPattern.exec(arn);
  if (!found) {
    return undefined;
  }
  const [, partition, region, account, kind, label, name] = found;
  const [machine] = label.split('/');
  const machineArn = `arn:${partition}:states:${region}:${account}:stateMachine:${machine}`;
  return { region, account, express: kind === 'express', machine, machineArn, name };
}

const consoles: Record<string, string> = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
};

/** The execution in AWS's console. Express ones are found there by their start only. */
export function consoleUrl(arn: string, startMs?: number): string | undefined {
  const parsed = parseExecutionArn(arn);
  const host = consoles[arn.split(':')[1]];
  if (!parsed || !host || (parsed.express && startMs === undefined)) {
    return undefined;
  }
  const page = parsed.express ? 'express-executions' : 'v2/executions';
  const start = parsed.express ? `?startDate=${startMs}` : '';
  return `https://${parsed.region}.${host}/states/home?region=${parsed.region}#/${page}/details/${arn}${start}`;
}

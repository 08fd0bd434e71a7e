import 'reflect-metadata';
import { Body, Controller, HttpCode, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { validationPipe } from '../apps/api/src/http/validation.js';
import { SubmitTaskDto } from '../libs/tasks/src/submit-task.dto.js';

/** What a Nest controller costs that checks the same body and does nothing: the mark for the accept rate. */
@Controller('api')
class EmptyController {
  @Post('tasks')
  @HttpCode(202)
  submit(@Body() wish: SubmitTaskDto): { length: number } {
    return { length: wish.prompt.length };
  }
}

@Module({ controllers: [EmptyController] })
class EmptyModule {}

const app = await NestFactory.create(EmptyModule, { logger: false });
app.useGlobalPipes(validationPipe());
await app.listen(Number(process.env.PORT), '127.0.0.1');
process.stdout.write('ready\n');
